import type { HashedProgram } from './scan-program';
import type { ScanJob } from '../core/scanning/scan-job';

/**
 * The build: our program does the whole scan by the job, and prints the checksum of its checksums, which the
 * build exports. CodeBuild uploads `out/`. A build whose program is another one fails. All else that fails is
 * in run.json, and the evaluator interprets it.
 *
 * It is POSIX shell, because Trivy's image has BusyBox. The program that is hashed is a copy, which no other
 * process of the build writes to.
 */
export function scanBuildspec({ machine, path, sha256 }: HashedProgram, job: ScanJob): object {
  // between single quotes, shells take every other character as it is
  const quoted = JSON.stringify(job).replaceAll("'", '\\u0027');
  const command = `
umask 077; cd "$CODEBUILD_SRC_DIR" && rm -rf scan out && mkdir scan || exit 1
[ "$(uname -m)" = ${machine} ] || { echo "the scan program is for ${machine}, and this machine is $(uname -m)" >&2; exit 1; }
cp ${path} scan/normal-form && chmod 500 scan/normal-form && [ "$(sha256sum < scan/normal-form)" = "${sha256}  -" ] || { echo "the scan program is not the one that was synthesised" >&2; exit 1; }
printf '%s' '${quoted}' > scan/job.json
SUMS_SHA256=$(scan/normal-form scan scan/job.json) || exit 1
export SUMS_SHA256`;
  return {
    version: '0.2',
    env: { 'exported-variables': ['SUMS_SHA256'] },
    phases: { build: { commands: [command.trim()] } },
    artifacts: { 'base-directory': 'out', files: ['*'] },
  };
}
