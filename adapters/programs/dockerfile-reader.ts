import { existsSync } from 'node:fs';
import { installedFile, packagedFile } from './packaged-file';
import { UserError } from '../../src/core/user-error';

/** It is half as large as all the rest, and only Dockerfiles need it: so it is a package of its own. */
export const DOCKERFILE_PACKAGE = '@cdk-trusted-images/dockerfile';
export const DOCKERFILE_PROGRAM = 'dockerfile.wasm.br';

/** BuildKit's reader of Dockerfiles: in this repository, or in the package that npm installs beside this. */
export function dockerfileReader(from = __filename): string {
  const built = packagedFile(`buildkit/${DOCKERFILE_PROGRAM}`);
  const file = existsSync(built) ? built : installedFile(DOCKERFILE_PACKAGE, DOCKERFILE_PROGRAM, from);
  if (file !== undefined) return file;
  throw new UserError(
    `the reader of Dockerfiles is not installed: there is no package "${DOCKERFILE_PACKAGE}", which npm leaves out with --omit=optional; npm install ${DOCKERFILE_PACKAGE}, in the version of this program`,
  );
}
