import { performance } from 'perf_hooks';
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
