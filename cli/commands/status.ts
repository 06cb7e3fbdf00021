import type { Command } from 'commander';
import type { Cli } from '../shell/cli';
import { asksStack, type AskOptions } from '../stack/options';

export function addStatus(program: Command, cli: Cli): void {
  asksStack(
    program
      .command('status')
      .description(
        'the images of a repository: outcome, how long it holds, signature, last failed scan, deadlines',
      ),
  )
    .argument('<repository>', 'its name, as team/app')
    .action(async (repository: string, options: AskOptions) =>
      (await import('../stack/status.js')).status(repository, options, cli),
    );
}
