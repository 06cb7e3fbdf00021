import { BuildLog } from './build-log';
import { Buildspec, Phase } from './buildspec';
import { RunningBuild } from './running-build';
import { Steps } from './step';

const PHASES = [
  ['install', 'INSTALL'],
  ['pre_build', 'PRE_BUILD'],
  ['build', 'BUILD'],
  ['post_build', 'POST_BUILD'],
] as const;

/**
 * The four phases of a buildspec; whether all went well. After a failed install or pre_build nothing follows;
 * post_build follows a failed build.
 *
 * @see https://docs.aws.amazon.com/codebuild/latest/userguide/view-build-details-phases.html
 */
export async function runPhases(
  build: RunningBuild,
  buildspec: Buildspec,
  steps: Steps,
  log: BuildLog,
): Promise<boolean> {
  let succeeding = true;
  for (const [name, phaseType] of PHASES) {
    if (build.interrupted !== undefined) return false;
    if (!succeeding && name !== 'post_build') return false;
    const phase = build.open(phaseType);
    steps.set('CODEBUILD_BUILD_SUCCEEDING', succeeding ? '1' : '0');
    const failure = await runPhase(build, buildspec.phases[name], steps, log);
    const status = build.interrupted ?? (failure === undefined ? 'SUCCEEDED' : 'FAILED');
    log.note(`Phase complete: ${phaseType} State: ${status}`);
    build.close(phase, status, failure);
    if (status === 'SUCCEEDED') continue;
    succeeding = false;
    if (name !== 'build') return false;
  }
  return succeeding;
}

/** Why the phase failed, if it did. */
async function runPhase(
  build: RunningBuild,
  { commands, finally: always, 'on-failure': onFailure }: Phase,
  steps: Steps,
  log: BuildLog,
): Promise<string | undefined> {
  const failure = await runCommands(build, commands, steps, log);
  const afterwards = await runCommands(build, always, steps, log);
  return onFailure === 'CONTINUE' ? undefined : (failure ?? afterwards);
}

async function runCommands(
  build: RunningBuild,
  commands: readonly string[],
  steps: Steps,
  log: BuildLog,
): Promise<string | undefined> {
  for (const command of commands) {
    if (build.interrupted !== undefined) return undefined;
    log.note(`Running command ${command}`);
    const code = await steps.run(command, log.say, build.running);
    if (code !== 0) {
      return `Error while executing command: ${command.split('\n')[0]}. Reason: exit status ${code}`;
    }
  }
  return undefined;
}
