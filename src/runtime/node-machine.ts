import { performance } from 'perf_hooks';
import { setFlagsFromString } from 'v8';
import { createContext, Script } from 'vm';
import type { WasmMachine } from '../core/wasm/sandbox';

/** One context for all calls: making one takes longer than most policies. */
const holder: { work?: () => unknown } = {};
const context = createContext(holder);
const script = new Script('work()');

/** Node's clock, and Node's way to end work that takes too long. */
export const NODE_MACHINE: WasmMachine = {
  elapsed: () => performance.now(),
  within: <T>(milliseconds: number, work: () => T): T => {
    holder.work = work;
    try {
      return script.runInContext(context, { timeout: Math.ceil(milliseconds) }) as T;
    } finally {
      holder.work = undefined;
    }
  },
};

/** V8's flags for compiling WebAssembly that runs often a second time, optimised. Node has them on. */
const OPTIMISING = ['wasm-tier-up', 'wasm-dynamic-tiering'];

/**
 * For WebAssembly that one process runs once. V8 reads the flags while it compiles and runs WebAssembly, all
 * of which happens in `work`: nothing else of the process is compiled in another way.
 */
export function withoutOptimising<T>(work: () => T): T {
  for (const flag of OPTIMISING) setFlagsFromString(`--no-${flag}`);
  try {
    return work();
  } finally {
    for (const flag of OPTIMISING) setFlagsFromString(`--${flag}`);
  }
}
