import type { Command } from 'commander';
import type { Cli } from '../shell/cli';
import type { CheckOptions } from '../stack/check-waivers';
import { asksStack, type AskOptions } from '../stack/options';
import type { ExpiringOptions } from '../stack/waivers';

export function addWaivers(program: Command, cli: Cli): void {
  const waivers = program
    .command('waivers')
    .description('checks a file of waivers, and lists those active that end or that nobody needs');
  waivers
    .command('check')
    .description(
      'whether a file would be activated; each problem with its line and column. Asks no AWS: 0 valid, 1 not',
    )
    .argument('<file>', 'as waivers.yaml')
    .option('--max-life <days>', 'for how long a waiver may hold', '90')
    .option('--json', 'the answer as JSON')
    .action(async (file: string, options: CheckOptions) =>
      (await import('../stack/check-waivers.js')).checkWaivers(file, options, cli),
    );
  asksStack(waivers.command('expiring').description('those active that end soon, or have expired'))
    .option('--days <days>', 'how soon', '14')
    .action(async (options: ExpiringOptions) =>
      (await import('../stack/waivers.js')).waiversExpiring(options, cli),
    );
  asksStack(
    waivers
      .command('unused')
      .description('those active that cover nothing in any image now; reads the whole register'),
  ).action(async (options: AskOptions) => (await import('../stack/waivers.js')).waiversUnused(options, cli));
}
