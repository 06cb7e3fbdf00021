import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ATTACK_NAMES, ATTACKS } from '../../../local/images/zoo/attacks';
import { CANARIES } from '../../../local/images/zoo/canaries';
import { ZOO_NAMES, ZooName, zooImage } from '../../../local/images/zoo/zoo';

const NEEDS_NPM: readonly ZooName[] = [
  'fixable-critical',
  'clean-and-vulnerable',
  'decoy',
  'duplicate-diff-ids',
];
const NOT_RECORDED: readonly ZooName[] = ['many-findings'];
const OFFLINE = ZOO_NAMES.filter(name => !NEEDS_NPM.includes(name) && !NOT_RECORDED.includes(name));

// a failure here means that the zoo changed: run test/reports/record.ts
test.each(OFFLINE)('%s is the image that was recorded', async name => {
  const recorded = JSON.parse(
    readFileSync(join(__dirname, '../../reports', `${name}.image.json`), 'utf8'),
  ) as { digest: string };

  expect((await zooImage(name)).descriptor.digest).toBe(recorded.digest);
});

test.each(ATTACK_NAMES)('the attack %s is the image that was recorded', async name => {
  const recorded = JSON.parse(
    readFileSync(join(__dirname, '../../reports/attacks', `${name}.image.json`), 'utf8'),
  ) as { digest: string };

  expect((await ATTACKS[name]()).descriptor.digest).toBe(recorded.digest);
});

test('no two images are the same', async () => {
  const digests = await Promise.all(OFFLINE.map(async name => (await zooImage(name)).descriptor.digest));

  expect(new Set(digests).size).toBe(OFFLINE.length);
});

test('the image of canaries holds every one, and no two alike', async () => {
  const held = Buffer.concat((await zooImage('canaries')).blobs.map(blob => blob.bytes)).toString('latin1');

  expect(Object.entries(CANARIES).filter(([, canary]) => !held.includes(canary))).toEqual([]);
  expect(new Set(Object.values(CANARIES)).size).toBe(12);
});
