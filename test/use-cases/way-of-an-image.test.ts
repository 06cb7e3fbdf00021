import { pushed, World } from './world';
import { storedImage } from './world/zoo';
import { imageName, imageOf } from '../../src/core/image/image';

let world: World;

beforeEach(() => {
  world = new World();
});

test('rule 4.3, outbox: a push becomes one scan, one verdict in evidence and register, one event', async () => {
  const image = world.has('clean');
  world.push(image, 'v1');
  await world.settle();

  expect(world.row(image)).toMatchObject({
    verdict: { outcome: 'PASS', scanSeq: 1, policyRevision: 1 },
    tags: ['v1'],
  });
  expect(world.row(image)).not.toHaveProperty('lease');
  expect(world.row(image)).not.toHaveProperty('outbox');
  expect(world.verdicts(image)).toEqual(['PASS changed']);
  expect(world.bus).toHaveLength(1);
  expect(world.buildsOf(image)).toBe(1);
  expect(world.slotsTaken).toBe(0);
  expect(
    world.evidence
      .keys('scans/')
      .map(key => key.split('/').at(-1))
      .sort(),
  ).toEqual(['report.html', 'report.json.gz', 'report.sarif.gz', 'scan.json']);
});

test.each([
  ['fixable-critical', /^vulnerabilities: CRITICAL CVE-.*; upgrade /],
  ['secret-deleted-later', /^secrets: secret in /],
  ['root', /^runs-as-root: .*names no user/],
  ['root-without-history', /^runs-as-root: /],
  ['alpine-eol', /^end-of-life-os: .*end of life/],
])('%s fails, with the rule and the reason', async (name, reason) => {
  const image = world.has(name);
  world.push(image, 'v1');
  await world.settle();
  expect(world.outcome(image)).toBe('FAIL');
  expect(world.row(image).verdict?.worst).toContainEqual(expect.stringMatching(reason));
});

test.each(['scratch', 'no-packages', 'unknown-os-release'])(
  '%s has no verdict, because Trivy could have found nothing',
  async name => {
    const image = world.has(name);
    world.push(image, 'v1');
    await world.settle();
    expect(world.row(image)).not.toHaveProperty('verdict');
    expect(world.row(image).lastFailedScan).toMatchObject({ cause: 'NOT_COVERED' });
  },
);

test("rule 5.9, what was scanned is what runs: a decoy child, whose layer bears the diff_id of its sibling's vulnerable one, is not read; the sibling is refused for what it holds", async () => {
  const index = world.has('decoy', ['linux-amd64']);
  const decoy = imageName(world.registry.add(imageOf(index), storedImage('decoy.linux-s390x')));
  world.finds(decoy, {
    unread: { cause: 'UNSCANNABLE', detail: 'layer 3 decompresses to something else than its diff_id' },
  });
  world.push(index, 'v1');
  await world.settle();
  expect(world.row(index)).toMatchObject({ lastFailedScan: { cause: 'CHILD_WITHOUT_VERDICT' } });
  expect(world.row(index)).not.toHaveProperty('verdict');
  expect(
    world.outcome(imageName({ ...imageOf(index), digest: storedImage('decoy.linux-amd64').digest })),
  ).toBe('FAIL');
});

test('rule 4.7, backpressure and dead letters: malformed messages are poison with a reason each, and the others proceed', async () => {
  const image = world.has('clean');
  const event = pushed(image, world.now, 'v1') as { detail: object };
  world.requests.put({ version: 2, image });
  world.requests.put('text');
  world.requests.put({ ...event, detail: { ...event.detail, 'repository-name': '../other' } });
  world.results.put({ version: 1, buildId: 'not a build' });
  world.results.put({ ...event });
  world.push(image, 'v1');
  await world.settle();

  expect(world.requests.dead.map(({ why }) => why)).toEqual([
    expect.stringMatching(/^neither an event of ECR about a new image nor a scan request: /),
    expect.stringMatching(/^neither/),
    'an "ECR Image Action" event without a readable image or time',
  ]);
  expect(world.results.dead).toHaveLength(2);
  expect(world.outcome(image)).toBe('PASS');
});

test.each([
  ['DELETE', 'SUCCESS', 'v1'],
  ['PUSH', 'FAILURE', 'v1'],
  ['PUSH', 'SUCCESS', `sha256-${'0'.repeat(64)}.sig`],
])('the event %s %s %s asks for nothing', async (action, result, tag) => {
  const event = pushed(world.has('clean'), world.now, tag) as { detail: object };
  world.requests.put({ ...event, detail: { ...event.detail, 'action-type': action, result } });
  await world.settle();
  expect(world.outcomes).toEqual([{ done: 'ignored' }]);
});
