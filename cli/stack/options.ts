import type { Command } from 'commander';
import { quoted } from '../../src/core/text/plain-text';
import { usageError } from '../../src/core/user-error';

/** Options of every command that asks a deployed stack. */
export interface AskOptions {
  readonly stack?: string;
  readonly trust?: string;
  readonly json?: boolean;
}

export interface ImageOptions extends AskOptions {
  readonly resolveTag?: boolean;
}

export function asksStack(command: Command): Command {
  return namesStack(command).option('--json', 'the answer as JSON');
}

export function namesStack(command: Command): Command {
  return command
    .option('--stack <name>', 'the stack that the trust is deployed with (default: TRUSTED_IMAGES_STACK)')
    .option('--trust <id>', 'which trust, if the stack has several');
}

/** For a command that asks about one image. */
export function asksImage(command: Command): Command {
  return asksStack(
    command.argument('<image>', '<account>.dkr.ecr.<region>.amazonaws.com/<repository>@sha256:<64 hex>'),
  ).option('--resolve-tag', 'look up once which digest a tag names now, and say so');
}

/** A number that is given as text. */
export function positive(name: string, unit: string, text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value > 0) return value;
  throw usageError(`${name} is ${quoted(text, 300)}, allowed: a number of ${unit} above 0`);
}
