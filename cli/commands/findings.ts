import type { Command } from 'commander';
import type { Cli } from '../shell/cli';
import type { FindingsOptions } from '../stack/findings';
import { asksStack } from '../stack/options';

export function addFindings(program: Command, cli: Cli): void {
  asksStack(program.command('findings').description('which images have a vulnerability, and who waived it'))
    .option('--cve <id>', 'the id of a vulnerability, in all images')
    .option('--repository <name>', 'the images of one repository')
    .option('--all', 'also what is fixed')
    .action(async (options: FindingsOptions) =>
      (await import('../stack/findings.js')).listFindings(options, cli),
    );
}
