import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { REGO_ENGINE } from '../../src/core/rego/rego-program';
import { RegoRuntime } from '../../src/runtime/rego-runtime';

/** In the package the command line lies in assets/cli; when it is run from its sources, in cli/scan. */
const PLACES = ['../rego/nodejs/node_modules', '../../assets/rego/nodejs/node_modules'];

let runtime: RegoRuntime | undefined;

export function regoRuntime(): RegoRuntime {
  runtime ??= new RegoRuntime(() => {
    const files = PLACES.map(place => join(__dirname, place, REGO_ENGINE));
    return files.find(file => existsSync(file)) ?? files[0]!;
  });
  return runtime;
}
