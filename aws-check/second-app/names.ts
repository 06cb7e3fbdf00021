import { ownName } from '../check';

/** What the second app, and the check around it, call their own. Each name has the id of the check. */
export function secondNames(id: string) {
  const own = ownName({ cloud: { mark: { id } } });
  return {
    platform: `AwsCheckPlatform-${id}`,
    team: `AwsCheckTeam-${id}`,
    /** The one stack whose resources the hook of CloudFormation is asked about. */
    hooked: `AwsCheckHooked-${id}`,
    repository: `${own}/app`,
    cache: `${own}-cache`,
    /** Of the cluster, of the service and of task definitions. */
    ecs: own,
    key: (year: number) => `${own}-${year}`,
  };
}

/** How the second app is deployed: which key signs, which one gates still believe, which image runs. */
export interface SecondApp {
  readonly id: string;
  readonly year: number;
  readonly formerKey?: string;
  readonly tag: string;
  /** What the stack with the hook names. */
  readonly image?: string;
  /** The builds of the embedded cloud have no image, so nothing there would pull it. */
  readonly cachesScanner: boolean;
}
