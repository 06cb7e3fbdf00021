import { join } from 'node:path';
import { REGO_ENGINE_FOLDER } from '../../local/tools/rego-engine';

/** The engine that the build made. */
export function regoEngineFile(): string {
  return join(REGO_ENGINE_FOLDER, 'rego.wasm.br');
}
