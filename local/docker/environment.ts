import { join } from 'node:path';
import { cacheFolder } from '../tools/cache-folder';

const STATE = 'DOCKER_STAND_IN_STATE';

/** For `cdk(cloud, args, { cwd, environment })`: image assets are then taken from layouts, without Docker. */
export function standInDocker(folder: string = stateFolder()): Record<string, string> {
  return { CDK_DOCKER: join(__dirname, 'docker'), [STATE]: folder };
}

/** Where the names of images are kept. */
export function stateFolder(environment: NodeJS.ProcessEnv = process.env): string {
  return environment[STATE] ?? join(cacheFolder(environment), 'docker');
}
