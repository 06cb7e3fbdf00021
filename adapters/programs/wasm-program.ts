import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import type { Result } from '../../src/core/result';
import { WasmFailure, WasmInstance } from '../../src/core/wasm/instance';
import { webAssembly, withMemoryLimit } from '../../src/core/wasm/web-assembly';
import { NODE_MACHINE } from '../../src/runtime/node-machine';

/** In the package the command line lies in assets/cli; run from its sources, this is adapters/programs. */
const PLACES = ['../', '../../assets/'];

export interface WasmLimits {
  readonly memoryMiB: number;
  readonly seconds: number;
}

/** A program of the package. It is loaded when it is called for the first time. */
export class WasmProgram {
  private readonly makeInstance: () => WasmInstance;
  private instance?: WasmInstance;

  /** @param file its path below `assets` */
  constructor(
    file: string,
    private readonly limits: WasmLimits,
  ) {
    let module: ReturnType<typeof load> | undefined;
    this.makeInstance = () => new WasmInstance((module ??= load(file, limits)), NODE_MACHINE);
  }

  public call<Answer>(name: string, request: unknown): Result<Answer, WasmFailure> {
    const wasUsed = this.instance !== undefined;
    this.instance ??= this.makeInstance();
    const answer = this.instance.call<Answer>(name, request, { milliseconds: this.limits.seconds * 1000 });
    if (answer.ok) return answer;
    this.instance = undefined;
    // what earlier calls left in the memory decides nothing
    return wasUsed && answer.error.reason === 'memory' ? this.call(name, request) : answer;
  }
}

function load(file: string, { memoryMiB }: WasmLimits) {
  const files = PLACES.map(place => join(__dirname, place, file));
  const found = files.find(each => existsSync(each)) ?? files[0]!;
  return new webAssembly.Module(withMemoryLimit(brotliDecompressSync(readFileSync(found)), memoryMiB));
}
