import { packagedFile } from './packaged-file';
import { REGO_ENGINE } from '../../src/core/rego/rego-program';
import { RegoRuntime } from '../../src/runtime/rego-runtime';

let runtime: RegoRuntime | undefined;

export function regoRuntime(): RegoRuntime {
  runtime ??= new RegoRuntime(() => packagedFile(`rego/nodejs/node_modules/${REGO_ENGINE}`));
  return runtime;
}
