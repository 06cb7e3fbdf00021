import { Build, BuildPhase, Project, StartBuildInput } from '@aws-sdk/client-codebuild';

/** Times are seconds on the wire, where the SDK's types say `Date`. */
export type WirePhase = Omit<BuildPhase, 'startTime' | 'endTime'> & { startTime: number; endTime?: number };

export type BuildRecord = Omit<
  Build,
  'startTime' | 'endTime' | 'phases' | 'id' | 'arn' | 'source' | 'environment' | 'logs'
> & {
  readonly id: string;
  readonly arn: string;
  startTime: number;
  endTime?: number;
  phases: WirePhase[];
  readonly source: NonNullable<Build['source']>;
  readonly environment: NonNullable<Build['environment']>;
  readonly logs: NonNullable<Build['logs']> & { readonly groupName: string; readonly streamName: string };
};

export type WireProject = Project & { readonly name: string };
export type StartBuildRequest = StartBuildInput & { readonly projectName: string };

export function seconds(): number {
  return Math.floor(Date.now() / 1000);
}
