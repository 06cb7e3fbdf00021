import { ChildProcess } from 'node:child_process';
import { ProjectArtifacts } from '@aws-sdk/client-codebuild';
import { BuildRecord, seconds, WirePhase } from './wire';

export type PhaseName = NonNullable<WirePhase['phaseType']>;
export type PhaseStatus = NonNullable<WirePhase['phaseStatus']>;

/** A build's record, together with what ends it. */
export class RunningBuild {
  private interruption: 'STOPPED' | 'TIMED_OUT' | undefined;
  private child: ChildProcess | undefined;

  constructor(
    public readonly record: BuildRecord,
    public readonly artifacts: ProjectArtifacts,
  ) {}

  /** Why it must stop; undefined if it may continue. */
  public get interrupted(): 'STOPPED' | 'TIMED_OUT' | undefined {
    return this.interruption;
  }

  public interrupt(reason: 'STOPPED' | 'TIMED_OUT'): void {
    if (this.record.buildComplete) return;
    this.interruption ??= reason;
    this.kill();
  }

  public readonly running = (child: ChildProcess): void => {
    this.child = child;
    if (this.interruption !== undefined) this.kill();
  };

  public open(phaseType: PhaseName): WirePhase {
    const phase: WirePhase = { phaseType, startTime: seconds() };
    this.record.currentPhase = phaseType;
    this.record.phases.push(phase);
    return phase;
  }

  public close(phase: WirePhase, phaseStatus: PhaseStatus, message?: string): void {
    const endTime = seconds();
    Object.assign(phase, {
      phaseStatus,
      endTime,
      durationInSeconds: endTime - phase.startTime,
      contexts: message === undefined ? [] : [{ statusCode: 'COMMAND_EXECUTION_ERROR', message }],
    });
  }

  public complete(status: NonNullable<BuildRecord['buildStatus']>): void {
    const now = seconds();
    this.record.phases.push({ phaseType: 'COMPLETED', startTime: now });
    Object.assign(this.record, {
      buildStatus: status,
      currentPhase: 'COMPLETED',
      buildComplete: true,
      endTime: now,
    });
  }

  /** The whole process group, with all child processes of the command. */
  private kill(): void {
    if (this.child?.pid === undefined || this.child.exitCode !== null) return;
    try {
      process.kill(-this.child.pid, 'SIGKILL');
    } catch {
      // it ended in between
    }
  }
}
