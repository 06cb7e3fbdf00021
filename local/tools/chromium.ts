import { createReadStream, createWriteStream, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress } from 'node:zlib';
import { cacheFolder } from './cache-folder';

const PACKAGE = '@sparticuz/chromium';
const VERSION = '147.0.0';

/** Why this machine cannot have the browser: its package has one for Linux on x64. */
export function whyNoChromium(): string | undefined {
  const machine = `${process.platform}-${process.arch}`;
  return machine === 'linux-x64' ? undefined : `${PACKAGE} has no Chromium for ${machine}`;
}

/**
 * A Chromium that shows nothing, from a package of npm: nothing else is downloaded, and nothing is installed.
 * It is unpacked once, which takes two seconds, and needs `libnss3` of the system.
 */
export async function ensureChromium(): Promise<string> {
  const program = join(cacheFolder(), 'tools', `chromium-${VERSION}`);
  if (existsSync(program)) return program;
  const packed = join(dirname(require.resolve(PACKAGE)), '..', '..', 'bin', 'chromium.br');
  const unfinished = `${program}.${process.pid}`;
  mkdirSync(dirname(program), { recursive: true });
  try {
    const out = createWriteStream(unfinished, { mode: 0o755 });
    await pipeline(createReadStream(packed), createBrotliDecompress(), out);
    renameSync(unfinished, program); // whole, or not at all
  } finally {
    rmSync(unfinished, { force: true });
  }
  return program;
}
