import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onlyEmulated } from './only-emulated';
import { makeRepository, push, quickstart, rowOnce, verdictOf } from './quickstart';
import {
  callingHome,
  OVERLOOKED,
  POLYGLOT_NAMES,
  POLYGLOTS,
  type OverlookedName,
} from '../../local/images/zoo/polyglots';

beforeAll(quickstart);

test.each(POLYGLOT_NAMES)(
  'rule 5.9, what was scanned is what runs: %s, which two readers read in two ways, gets no verdict',
  async name => {
    const repository = await makeRepository();
    const digest = await push(repository, await POLYGLOTS[name]());
    const { lastFailedScan, verdict, statement } = await rowOnce(
      repository,
      digest,
      row => row.lastFailedScan !== undefined || row.verdict !== undefined,
    );
    expect({ verdict, statement }).toEqual({ verdict: undefined, statement: undefined });
    expect(lastFailedScan).toMatchObject({ cause: 'UNSCANNABLE', count: 1 });
  },
);

test.each(Object.keys(OVERLOOKED) as OverlookedName[])(
  'rule 5.9, what was scanned is what runs: %s is found, as a runtime would find it',
  async name => {
    const repository = await makeRepository();
    const { outcome } = await verdictOf(repository, await push(repository, await OVERLOOKED[name]()));
    expect(outcome).toBe('FAIL');
  },
);

onlyEmulated('the server that must not be called listens on this machine', () => {
  test('rule 5.1, hermetic scan: no file of an image makes a build call a server', async () => {
    const calls: unknown[] = [];
    const server = createServer()
      .on('connection', socket => {
        calls.push(socket.remoteAddress);
        socket.destroy();
      })
      .listen(0, '127.0.0.1');
    await new Promise(listening => server.once('listening', listening));
    const repository = await makeRepository();
    const image = await callingHome((server.address() as AddressInfo).port);
    const { outcome } = await verdictOf(repository, await push(repository, image)).finally(() =>
      server.close(),
    );
    expect({ outcome, calls }).toEqual({ outcome: 'PASS', calls: [] });
  });
});
