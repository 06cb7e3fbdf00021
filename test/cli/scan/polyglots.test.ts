import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { WITH_MISCONFIG, Workshop } from './workshop';
import type { Content } from '../../../local/images/content';
import { writeLayout } from '../../../local/images/layout';
import {
  callingHome,
  OVERLOOKED,
  POLYGLOT_NAMES,
  POLYGLOTS,
  type OverlookedName,
  type PolyglotName,
} from '../../../local/images/zoo/polyglots';

let shop: Workshop;
beforeAll(async () => {
  shop = await Workshop.open();
}, 600_000);
afterAll(() => shop.close());
jest.setTimeout(120_000);

async function scan(name: string, image: Promise<Content>, ...more: string[]) {
  await writeLayout(shop.path(name), await image);
  return shop.scan([shop.path(name), ...more]);
}

/** By what a person finds out what to fix. */
const SAYS: Readonly<Record<PolyglotName, RegExp>> = {
  'zstd-behind-tar': /layer 3 \(sha256:[0-9a-f]{64}\): .*skippable frame/,
  'zstd-behind-tar-as-gzip':
    /layer 3 \(sha256:[0-9a-f]{64}\): is declared as gzip but does not begin like it/,
  'tar-around-gzip':
    /layer 3 \(sha256:[0-9a-f]{64}\): is a plain tar by its type or its diff_id, but begins like gzip/,
  'gzip-in-tar':
    /layer 3 \(sha256:[0-9a-f]{64}\): is a plain tar by its type or its diff_id, but begins like gzip/,
  'embedded-data': /is embedded in the manifest \(data\)/,
  'lying-diff-ids': /layer 3 \(sha256:[0-9a-f]{64}\): decompresses to sha256:[0-9a-f]{64}, its diff_id is/,
  'empty-layer-null': /step 1 of its history: "empty_layer" is neither true nor false/,
  'history-null-step': /step 1 of its history is no object/,
  'history-in-capitals': /spells the key "history" as "History"/,
  'history-with-long-s': /spells the key "history" as "hiſtory"/,
  'two-users': /spells the key "config" as "Config"/,
};

test.each(POLYGLOT_NAMES)(
  'rule 5.9, what was scanned is what runs: %s, which two readers read in two ways, is read by nobody: 2, and why',
  async name => {
    const { code, out } = await scan(name, POLYGLOTS[name]());
    expect(code).toBe(2);
    expect(out).toMatch(
      new RegExp(`^INDETERMINATE [^]*\\nUNSCANNABLE: [^\\n]*${SAYS[name].source}[^\\n]*\\n {2}-> `),
    );
  },
);

const FOUND: Readonly<Record<OverlookedName, RegExp>> = {
  'hard-linked-package': /CVE-2021-44906 in minimist/,
  'packages-behind-link': /CVE-2014-6271 in bash/,
  'secret-in-git-folder': /secret in \/app\/\.git\/credentials/,
  'secret-in-node-modules': /secret in \/app\/node_modules\/left\/test\/key\.pem/,
  'secret-in-lock-file': /secret in \/app\/yarn\.lock/,
};

test.each(Object.entries(FOUND) as [OverlookedName, RegExp][])(
  'rule 5.9, what was scanned is what runs: %s is found, as a runtime would find it',
  async (name, found) => {
    expect(await scan(name, OVERLOOKED[name]())).toMatchObject({
      code: 1,
      out: expect.stringMatching(found),
    });
  },
);

test('rule 5.1, hermetic scan: no file of an image makes a scan call a server', async () => {
  const calls: string[] = [];
  const server = createServer((request, response) => {
    calls.push(request.url ?? '');
    response.end();
  }).listen(0, '127.0.0.1');
  server.on('connection', () => calls.push('connection'));
  await new Promise(listening => server.once('listening', listening));
  // of what Trivy looks for, configuration files are what makes it call
  const image = callingHome((server.address() as AddressInfo).port);
  try {
    const ended = await scan('calling-home', image, ...WITH_MISCONFIG);
    expect(ended.code).toBe(0);
    expect(calls).toEqual([]);

    const cache = [`--cache-dir=${shop.cache}`, '--cache-backend=memory'];
    const flags = ['--scanners=misconfig', '--skip-check-update', '--skip-version-check', '--quiet'];
    const input = `--input=${shop.path('calling-home')}`;
    await promisify(execFile)(shop.trivy, ['image', input, ...cache, ...flags]);
    expect(calls).toContainEqual(expect.stringMatching(/^\/module\.git/)); // where nothing keeps Trivy from it
  } finally {
    server.close();
  }
});
