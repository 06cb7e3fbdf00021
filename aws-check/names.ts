import { SERVICE, STACK } from '../local/quickstart';

/** Names that apps fix. */
export const STACKS_OF_TESTS: readonly string[] = [STACK, SERVICE, 'Lifecycle', 'DeploymentProbe'];
export const QUICKSTART_REPOSITORY = 'team/app';
export const QUICKSTART_KEY = 'alias/quickstart';
