import { createRequire } from 'node:module';
import { REGO_ENGINE } from '../../src/core/rego/rego-program';

/** Where the layer with the engine is: where Node looks for modules. Throws where the function has none. */
export function regoEngine(): string {
  return createRequire(__filename).resolve(REGO_ENGINE);
}
