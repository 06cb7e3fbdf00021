import type { Command } from 'commander';
import type { Cli } from '../shell/cli';
import { asksImage } from '../stack/options';
import type { RescanOptions } from '../stack/rescan';

export function addRescan(program: Command, cli: Cli): void {
  asksImage(program.command('rescan').description('asks for a scan of an image, as a deployment would'))
    .option('--wait', 'follow it to its verdict: 0 trusted, 1 refused, 2 indeterminate')
    .option('--timeout <minutes>', 'with --wait: how long', '30')
    .action(async (image: string, options: RescanOptions) =>
      (await import('../stack/rescan.js')).rescan(image, options, cli),
    );
}
