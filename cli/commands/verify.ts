import type { Command } from 'commander';
import type { Cli } from '../shell/cli';
import { asksImage } from '../stack/options';
import type { VerifyOptions } from '../stack/verify';

export function addVerify(program: Command, cli: Cli): void {
  asksImage(
    program
      .command('verify')
      .description('whether an image is trusted, as a gate would say: 0 trusted, 1 refused, 2 indeterminate'),
  )
    .option(
      '--key <file|arn>',
      'ask the registry instead, and believe this public key (PEM file, or ARN of a key of AWS KMS); repeatable',
      (key, keys: string[] = []) => [...keys, key],
    )
    .option('--max-age <hours>', 'with --key: how long ago the image may have been judged')
    .action(async (image: string, options: VerifyOptions) =>
      (await import('../stack/verify.js')).verify(image, options, cli),
    );
}
