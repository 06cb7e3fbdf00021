import { readFileSync } from 'node:fs';
import { brotliDecompressSync } from 'node:zlib';
import type { Result } from '../../src/core/result';
import { WasmFailure, WasmInstance } from '../../src/core/wasm/instance';
import { type WasmModule, webAssembly, withMemoryLimit } from '../../src/core/wasm/web-assembly';
import { NODE_MACHINE } from '../../src/runtime/node-machine';

export interface WasmLimits {
  readonly memoryMiB: number;
  readonly seconds: number;
}

/** A program in WebAssembly. It is loaded when it is called for the first time. */
export class WasmProgram {
  private module?: WasmModule;
  private instance?: WasmInstance;

  /** @param file where it is; fails if it is nowhere */
  constructor(
    private readonly file: () => string,
    private readonly limits: WasmLimits,
  ) {}

  public call<Answer>(name: string, request: unknown): Result<Answer, WasmFailure> {
    const wasUsed = this.instance !== undefined;
    this.module ??= load(this.file(), this.limits);
    this.instance ??= new WasmInstance(this.module, NODE_MACHINE);
    const answer = this.instance.call<Answer>(name, request, { milliseconds: this.limits.seconds * 1000 });
    if (answer.ok) return answer;
    this.instance = undefined;
    // what earlier calls left in the memory decides nothing
    return wasUsed && answer.error.reason === 'memory' ? this.call(name, request) : answer;
  }
}

function load(file: string, { memoryMiB }: WasmLimits): WasmModule {
  const wasm = brotliDecompressSync(readFileSync(file));
  return new webAssembly.Module(withMemoryLimit(wasm, memoryMiB));
}
