import { Worker } from 'node:worker_threads';
import type { Ended } from './process';

const TIMED_OUT = 124;
const CRASHED = 2;

/** What runs in a thread of its own: WASI's calls do not come back before the program has ended. */
const THREAD = `
const { openSync, readFileSync } = require('node:fs');
const { devNull } = require('node:os');
const { brotliDecompressSync } = require('node:zlib');
const { parentPort, workerData } = require('node:worker_threads');
process.removeAllListeners('warning'); // Node calls WASI experimental, on standard error
process.on('warning', () => undefined);
const { WASI } = require('node:wasi');
const { file, args, preopens } = workerData;
const wasi = new WASI({ version: 'preview1', args: ['normal-form', ...args], preopens, env: { GOGC: '50' }, returnOnExit: true, stderr: openSync(devNull, 'w') });
WebAssembly.instantiate(brotliDecompressSync(readFileSync(file)), wasi.getImportObject()).then(({ instance }) => parentPort.postMessage(wasi.start(instance)));
`;

export interface Reached {
  /** All that the program sees: folders by the names that it knows, in which no link leads out of them. */
  readonly folders: Readonly<Record<string, string>>;
  readonly seconds: number;
}

/** Runs the reader of images in WebAssembly: no native code, no network, some folders. */
export async function runWebAssembly(
  file: string,
  args: readonly string[],
  { folders, seconds }: Reached,
): Promise<Ended> {
  return new Promise(resolve => {
    const worker = new Worker(THREAD, {
      eval: true,
      workerData: { file, args, preopens: folders },
      execArgv: ['--no-warnings'],
    });
    const timer = setTimeout(() => end({ code: TIMED_OUT, stderr: '' }), seconds * 1000);
    const end = ({ code, stderr }: Pick<Ended, 'code' | 'stderr'>) => {
      clearTimeout(timer);
      void worker.terminate();
      resolve({ code, stdout: '', stderr });
    };
    worker.on('message', (code: number) => end({ code, stderr: '' }));
    worker.on('error', error => end({ code: CRASHED, stderr: error.message }));
    // after a message nobody hears it
    worker.on('exit', () => end({ code: CRASHED, stderr: 'the reader of images ended without a word' }));
  });
}
