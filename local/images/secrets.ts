import { createHash } from 'node:crypto';
import { sha256Of } from '../../src/core/text/sha256';

/**
 * Secrets that open nothing, made at run time: in the source they would set off every scanner of this
 * repository.
 */

export function githubToken(seed: string): string {
  return `ghp_${hex(seed).slice(0, 36)}`;
}

export function awsAccessKeyId(seed: string): string {
  return `AKIA${hex(seed).toUpperCase().slice(0, 16)}`;
}

export function awsSecretAccessKey(seed: string): string {
  return base64(seed).slice(0, 40);
}

/** A PEM block whose body no cryptographic library can read. */
export function privateKey(seed: string): string {
  const body = Array.from({ length: 12 }, (_, line) => base64(`${seed}${line}`).slice(0, 64));
  const mark = (word: string) => `-----${word} RSA ${'PRIVATE'} KEY-----`;
  return [mark('BEGIN'), ...body, mark('END'), ''].join('\n');
}

function hex(seed: string): string {
  return sha256Of(seed);
}

function base64(seed: string): string {
  return createHash('sha512').update(seed).digest('base64').replace(/[+/]/g, 'x');
}
