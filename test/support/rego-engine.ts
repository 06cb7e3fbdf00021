import { join } from 'node:path';
import { REGO_ENGINE } from '../../src/core/policy/rego-rule';

/** The engine that the build made. */
export function regoEngineFile(): string {
  return join(__dirname, '../../assets/rego/nodejs/node_modules', REGO_ENGINE);
}
