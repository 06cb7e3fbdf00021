import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { REGO_ENGINE_FOLDER } from './rego-engine';
import { RegoEngine } from '../../src/core/rego/engine';
import { EngineHost } from '../../src/core/rego/engine-host';
import { NODE_MACHINE } from '../../src/runtime/node-machine';

/** The engine that was built, decompressed. */
export function readRegoEngine(folder = REGO_ENGINE_FOLDER): Uint8Array {
  return brotliDecompressSync(readFileSync(join(folder, 'rego.wasm.br')));
}

export function loadRegoEngine(memoryMiB?: number): RegoEngine {
  return RegoEngine.load(readRegoEngine(), {
    machine: NODE_MACHINE,
    ...(memoryMiB !== undefined && { memoryMiB }),
  });
}

export function loadRegoHost(memoryMiB = 512): EngineHost {
  return new EngineHost(readRegoEngine(), memoryMiB, NODE_MACHINE);
}
