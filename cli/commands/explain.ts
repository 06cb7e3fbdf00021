import type { Command } from 'commander';
import type { Cli } from '../shell/cli';
import { asksImage, type ImageOptions } from '../stack/options';

export function addExplain(program: Command, cli: Cli): void {
  asksImage(
    program
      .command('explain')
      .description(
        'why: each rule with its outcome, findings, waivers, deadlines, policy, database, and where the evidence lies',
      ),
  ).action(async (image: string, options: ImageOptions) =>
    (await import('../stack/explain.js')).explain(image, options, cli),
  );
}
