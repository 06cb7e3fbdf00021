import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { answer } from './answer';
import { decisionJson, decisionLines, exitCodeOf } from './decision';
import { positive, type ImageOptions } from './options';
import { asking } from '../../adapters/aws/aws-error';
import { imageOf, type ImageName } from '../../src/core/image/image';
import { PinnedKeys } from '../../src/core/signing/pinned-keys';
import { readVerificationKey, type VerificationKey } from '../../src/core/signing/verification-key';
import { quoted } from '../../src/core/text/plain-text';
import { usageError } from '../../src/core/user-error';
import type { Decided } from '../../use-cases/deployed-trust/ask';
import { askDeployed, askRegistry } from '../../use-cases/deployed-trust/ask';
import { Connection, readKeys, registryOf, tagResolver } from '../../use-cases/deployed-trust/connect';
import { imageAsked } from '../../use-cases/deployed-trust/image-argument';
import type { Cli } from '../shell/cli';

export interface VerifyOptions extends ImageOptions {
  readonly key?: readonly string[];
  readonly maxAge?: string;
}

export async function verify(reference: string, options: VerifyOptions, cli: Cli): Promise<void> {
  const keys = options.key ?? [];
  if (keys.length === 0 && options.maxAge !== undefined) {
    throw usageError(
      '--max-age is for signatures in the registry, required: --key; a verdict in the register has an end of its own',
    );
  }
  await asking(async () => {
    const image = await imageAsked(reference, options, tagResolver(cli), cli);
    const decided =
      keys.length === 0 ? await byRegister(image, options, cli) : await byRegistry(image, keys, options, cli);
    answer(cli, options.json, decisionJson(decided, image), () => decisionLines(decided));
    cli.endWith(exitCodeOf(decided.decision));
  });
}

async function byRegister(image: ImageName, options: VerifyOptions, cli: Cli): Promise<Decided> {
  const { register, keys, policies, evidence } = await Connection.open(options, cli, image);
  return askDeployed(image, { register, keys, policies, evidenceBucket: evidence.name }, cli.now());
}

async function byRegistry(
  image: ImageName,
  names: readonly string[],
  { maxAge }: VerifyOptions,
  cli: Cli,
): Promise<Decided> {
  if (maxAge === undefined) {
    throw usageError(
      '--key asks the registry, whose signatures do not expire, required: --max-age HOURS, how long ago an image may have been judged',
    );
  }
  const seconds = positive('--max-age', 'hours', maxAge) * 3600;
  const keys = (await Promise.all(names.map(name => keyNamed(name, cli)))).flat();
  return askRegistry(image, seconds, keys, registryOf(imageOf(image), cli), cli.now());
}

/** A file in PEM, or a key of AWS KMS by its ARN, as cosign writes it too. */
async function keyNamed(name: string, cli: Cli): Promise<VerificationKey[]> {
  const arn = name.replace(/^awskms:\/\/[^/]*\//, '');
  if (arn !== name || arn.startsWith('arn:')) {
    const pinned = PinnedKeys.safeParse([{ arn }]);
    if (!pinned.success) {
      throw usageError(
        `--key is ${quoted(name, 300)}, allowed: the ARN of a key; an alias can be moved to another key`,
      );
    }
    return readKeys(pinned.data, cli);
  }
  const text = await readFile(resolve(cli.cwd, name), 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw usageError(
      `--key is ${quoted(name, 300)}, which cannot be read (${error.code}), allowed: a public key as PEM, or the ARN of a key of AWS KMS`,
    );
  });
  const key = readVerificationKey(name, text);
  if (!key.ok) throw usageError(key.error);
  return [key.value];
}
