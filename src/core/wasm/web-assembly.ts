/**
 * The part of WebAssembly that is used here. TypeScript declares it for browsers only, and another global
 * declaration would clash with that.
 */
interface WebAssemblyApi {
  readonly Module: (new (bytes: Uint8Array) => WasmModule) & {
    imports(module: WasmModule): { readonly module: string; readonly name: string }[];
  };
  readonly Instance: new (module: WasmModule, imports: WasmImports) => { readonly exports: unknown };
}

declare const compiled: unique symbol;
export interface WasmModule {
  readonly [compiled]: true;
}

export type WasmImports = Record<string, Record<string, WasmImport>>;
/**
 * Its arguments are numbers, or `bigint` for 64 bits, as the specification of WASI says.
 */
export type WasmImport = (...args: never[]) => number;

export interface WasmMemory {
  readonly buffer: ArrayBuffer;
}

export const { WebAssembly: webAssembly } = globalThis as unknown as { readonly WebAssembly: WebAssemblyApi };

const MAGIC = [0x00, 0x61, 0x73, 0x6d];
const MEMORY_SECTION = 5;
const HEADER_BYTES = 8;
const PAGES_PER_MIB = 16;

/**
 * The same module with a maximum for its memory (rule 5.6, limits). An allocation beyond it ends the module,
 * not the process around it.
 */
export function withMemoryLimit(wasm: Uint8Array, mebibytes: number): Uint8Array {
  if (MAGIC.some((byte, at) => wasm[at] !== byte)) {
    throw new Error('the program is not WebAssembly, allowed: the decompressed bytes of a .wasm file');
  }
  for (let at = HEADER_BYTES; at < wasm.length;) {
    const size = readNumber(wasm, at + 1);
    const end = size.end + size.value;
    if (wasm[at] === MEMORY_SECTION) {
      const flags = readNumber(wasm, size.end).end; // after the count of memories, which is 1
      const { value: minimum } = readNumber(wasm, flags + 1);
      const maximum = mebibytes * PAGES_PER_MIB;
      if (maximum < minimum) {
        throw new Error(
          `the program cannot run in ${mebibytes} MiB, allowed: ${Math.ceil(minimum / PAGES_PER_MIB)} or more`,
        );
      }
      const section = [1, 1, ...writeNumber(minimum), ...writeNumber(maximum)];
      return concatenated([
        wasm.subarray(0, at),
        Uint8Array.from([MEMORY_SECTION, ...writeNumber(section.length), ...section]),
        wasm.subarray(end),
      ]);
    }
    at = end;
  }
  throw new Error('the program has no memory of its own: build it with -buildmode=c-shared');
}

/** LEB128, see https://webassembly.github.io/spec/core/binary/values.html#integers */
function readNumber(bytes: Uint8Array, from: number): { readonly value: number; readonly end: number } {
  let value = 0;
  let scale = 1;
  for (let at = from; ; at++) {
    const byte = bytes[at];
    if (byte === undefined) {
      throw new Error('the program is incomplete, allowed: all decompressed bytes of a .wasm file');
    }
    value += (byte % 128) * scale;
    scale *= 128;
    if (byte < 128) return { value, end: at + 1 };
  }
}

function writeNumber(value: number): number[] {
  const rest = Math.floor(value / 128);
  return rest === 0 ? [value] : [(value % 128) + 128, ...writeNumber(rest)];
}

function concatenated(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
