import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** A registry on loopback, empty and in memory. */
export interface Registry {
  /** `127.0.0.1:PORT` */
  readonly host: string;
  readonly url: string;
  stop(): void;
}

const TIME_TO_START = 10_000;

/**
 * Serve a registry until it is stopped: with crane, or with another program, whose arguments are made of the
 * address.
 */
export async function serveRegistry(
  program: string,
  argsOf = (host: string) => ['registry', 'serve', '--address', host],
): Promise<Registry> {
  const host = `127.0.0.1:${await freePort()}`;
  const url = `http://${host}`;
  const args = argsOf(host);
  const child = spawn(program, args, { stdio: 'ignore' });
  const stop = () => {
    child.kill();
  };
  for (const deadline = Date.now() + TIME_TO_START; ;) {
    const ready = await fetch(`${url}/v2/`).then(
      answer => answer.ok,
      () => false,
    );
    if (ready) return { host, url, stop };
    if (child.exitCode !== null || Date.now() > deadline) {
      stop();
      throw new Error(
        `${program} ${args.join(' ')} did not answer within ${TIME_TO_START / 1000} s; run it by hand to see why`,
      );
    }
    await wait(50);
  }
}

/** A port that is free now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        address !== null && typeof address === 'object'
          ? resolve(address.port)
          : reject(new Error('no port is free')),
      );
    });
  });
}
