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
  "skopeo copy"*) printf %s "$PUSHED" > "$4" ;;
  "npx cdk-trusted-images $FAILS"*) exit 1 ;;
esac
`;
const PROGRAMS = ['apt-get', 'aws', 'buildah', 'curl', 'docker', 'npm', 'npx', 'sha256sum', 'skopeo', 'sudo', 'tar'];

export interface Ran extends Finished {
  /** What was called, in this order. */
  readonly calls: readonly string[];
  readonly folder: string;
}

export interface RunOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** The digest that the registry tells. */
  readonly pushed?: string;
  /** The command of ours that refuses the image. */
  readonly fails?: string;
  readonly files?: Readonly<Record<string, string>>;
}

/** Runs a script as CI systems do: bash that ends at the first failure, in the folder of the code. */
export async function runScript(script: string, { environment = {}, pushed = DIGEST, fails = 'nothing', files = {} }: RunOptions = {}): Promise<Ran> {
  const folder = newFolder({ 'image/index.json': JSON.stringify({ manifests: [{ digest: DIGEST }] }), ...files });
  const bin = join(newFolder(), 'bin');
  const calls = join(bin, 'calls');
  mkdirSync(bin);
  for (const program of PROGRAMS) {
    writeFileSync(join(bin, program), STAND_IN);
    chmodSync(join(bin, program), 0o755);
  }
  const finished = await run('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script], {
    cwd: folder,
    environment: { PATH: `${bin}:${process.env.PATH}`, CALLS: calls, PUSHED: pushed, FAILS: fails, ECR_REPOSITORY: 'team/app', ...environment },
  });
  return { ...finished, folder, calls: existsSync(calls) ? readFileSync(calls, 'utf8').trimEnd().split('\n') : [] };
}
