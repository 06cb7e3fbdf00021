import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Where tools, databases and packages are kept between runs: outside of the project, so that a clean checkout
 * is fast too.
 */
export function cacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  return (
    environment.CDK_TRUSTED_IMAGES_CACHE ??
    join(environment.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'cdk-trusted-images')
  );
}
