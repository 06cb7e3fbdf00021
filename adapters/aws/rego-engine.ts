import { createRequire } from 'node:module';
import { REGO_ENGINE } from '../../src/core/rego/rego-program';

/**
 * The path of the engine, in a layer where Node looks for modules. Throws if the function has no such layer.
 */
export function regoEngine(): string {
  return createRequire(__filename).resolve(REGO_ENGINE);
}
