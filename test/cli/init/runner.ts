import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newFolder } from './generated';
import { Finished, run } from '../../../local/tools/command';

export const URI = '111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/app';
export const DIGEST = `sha256:${'0a'.repeat(32)}`;

/** Programs that say what they were called with, and do the little that a pipeline wants to see of them. */
const STAND_IN = `#!/usr/bin/env bash
set -eu
name="$(basename "$0")"
echo "$name $*" >> "$CALLS"
case "$name $*" in
  "aws ecr describe-repositories"*) echo '${URI}' ;;
  "aws ecr get-login-password"*) echo password ;;
  "sha256sum "*) cat > /dev/null ;; # else whoever writes to it may find nobody there
  "skopeo login"*) [ "$(cat)" = password ] ;;
  "skopeo copy"*) node --print 'require("./image/index.json").manifests[0].digest' | tr -d '\\n' > "$4" ;;
  "npx cdk-trusted-images $FAILS"*) exit 1 ;;
  "npx cdk-trusted-images scan"*) node --print 'JSON.stringify({ digest: require("./image/index.json").manifests[0].digest })' > trusted-images.json ;;
esac
`;
const PROGRAMS = [
  'apt-get',
  'aws',
  'buildah',
  'curl',
  'docker',
  'npm',
  'npx',
  'sha256sum',
  'skopeo',
  'sudo',
  'tar',
];

export interface Ran extends Finished {
  /** What was called, in this order. */
  readonly calls: readonly string[];
  readonly folder: string;
}

export interface RunOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** The digest of the image that lies in the folder. */
  readonly digest?: string;
  /** The command of ours that refuses the image. */
  readonly fails?: string;
  readonly files?: Readonly<Record<string, string>>;
  /** What a step before left; else one of its own, with an image. */
  readonly folder?: string;
}

/** What lies in the folder, as a build writes it. */
export const imageOf = (digest: string) => ({
  'image/index.json': JSON.stringify({ manifests: [{ digest }] }),
});

/** Runs a script as CI systems do: bash that ends at the first failure, in the folder of the code. */
export async function runScript(
  script: string,
  {
    environment = {},
    digest = DIGEST,
    fails = 'nothing',
    files = {},
    folder = newFolder({ ...imageOf(digest), ...files }),
  }: RunOptions = {},
): Promise<Ran> {
  const bin = join(newFolder(), 'bin');
  const calls = join(bin, 'calls');
  mkdirSync(bin);
  for (const program of PROGRAMS) {
    writeFileSync(join(bin, program), STAND_IN);
    chmodSync(join(bin, program), 0o755);
  }
  const finished = await run('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script], {
    cwd: folder,
    environment: {
      PATH: `${bin}:${process.env.PATH}`,
      CALLS: calls,
      FAILS: fails,
      ECR_REPOSITORY: 'team/app',
      ...environment,
    },
  });
  return {
    ...finished,
    folder,
    calls: existsSync(calls) ? readFileSync(calls, 'utf8').trimEnd().split('\n') : [],
  };
}
