import { findProgram } from '../../adapters/programs/find-program';
import { runProcess } from '../../adapters/programs/process';
import { readImageReference, type ImageReference } from '../../src/core/image/image-reference';
import { plainText, quoted } from '../../src/core/text/plain-text';
import { Seconds } from '../../src/core/times';
import { UserError, usageError } from '../../src/core/user-error';
import type { Cli } from '../shell/cli';

/** Who can ask a registry for a digest with the logins that the user has, and how its answer reads. */
const RESOLVERS = [
  { program: 'crane', args: (image: string) => ['digest', image], read: /^(sha256:[0-9a-f]{64})\s*$/ },
  {
    program: 'docker',
    args: (image: string) => ['buildx', 'imagetools', 'inspect', image],
    read: /^Digest:\s+(sha256:[0-9a-f]{64})\s*$/m,
  },
] as const;

/**
 * An image with its digest: the one that it was given with, or the one that its registry has for its tag now.
 * This library has no list of digests: one that is a year old names a base image with a year's holes in it.
 */
export async function resolveImage(text: string, cli: Cli): Promise<string> {
  const read = readImageReference(text);
  if (!read.ok) {
    throw usageError(`${quoted(text, 300)} ${read.error}, allowed: name:tag, or name:tag@sha256:<64 hex>`);
  }
  const reference = read.value;
  if (reference.digest !== undefined) return text;
  if (reference.tag === undefined || reference.tag === 'latest') {
    throw usageError(`${plainText(text, 300)} has no tag that says which version it is; write name:tag`);
  }
  return `${text}@${await askRegistry(text, reference, cli)}`;
}

async function askRegistry(text: string, { name }: ImageReference, cli: Cli): Promise<string> {
  const failures: string[] = [];
  for (const { program, args, read } of RESOLVERS) {
    const path = findProgram(program, cli.environment, cli);
    if (path === undefined) continue;
    cli.out.progress(`asking the registry for the digest of ${text}`);
    const { code, stdout, stderr } = await runProcess(path, args(text), {
      cwd: cli.cwd,
      environment: defined(cli.environment),
      seconds: Seconds.registrySilence,
    });
    const [, digest] = read.exec(stdout) ?? [];
    if (code === 0 && digest !== undefined) return digest;
    failures.push(`${program} ended with ${code}: ${plainText(stderr.trim().split('\n').at(-1) ?? '', 160)}`);
  }
  const why = failures.length === 0 ? 'neither crane nor docker is on PATH' : failures.join('; ');
  throw new UserError(
    `the digest of ${text} is not known (${why}), and nothing was written; log in to its registry, or give images that you have seen, by --base and --build-base: ${name}:<tag>@sha256:<digest>`,
  );
}

/** All of it: the login to the registry can be anywhere in it. */
function defined(environment: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
