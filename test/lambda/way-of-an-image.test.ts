import { pushed, World } from './world';

let world: World;

beforeEach(() => {
  world = new World();
});

test('rule 4.3: a push becomes one scan, one verdict in evidence and register, one event', async () => {
  const image = world.has('clean');
  world.push(image, 'v1');
  await world.settle();

  expect(world.row(image)).toMatchObject({ verdict: { outcome: 'PASS', scanSeq: 1, policyRevision: 1 }, tags: ['v1'] });
  expect(world.row(image)).not.toHaveProperty('claim');
  expect(world.row(image)).not.toHaveProperty('unannounced');
  expect(world.verdicts(image)).toEqual(['PASS changed']);
  expect(world.bus).toHaveLength(1);
  expect(world.buildsOf(image)).toBe(1);
  expect(world.slots).toBe(0);
  expect(world.evidence.keys('scans/').map(key => key.split('/').at(-1)).sort()).toEqual(['report.json.gz', 'report.sarif.gz', 'scan.json']);
});

test.each([
  ['fixable-critical', /^vulnerabilities: CRITICAL CVE-.*; upgrade /], ['secret-deleted-later', /^secrets: secret in /], ['root', /^runs-as-root: .*names no user/],
  ['root-without-history', /^runs-as-root: /], ['alpine-eol', /^end-of-life-os: .*end of life/],
])('%s fails, with the rule and the reason', async (name, reason) => {
  const image = world.has(name);
  world.push(image, 'v1');
  await world.settle();
  expect(world.outcome(image)).toBe('FAIL');
  expect(world.row(image).verdict?.worst).toContainEqual(expect.stringMatching(reason));
});

test.each(['scratch', 'no-packages', 'unknown-os-release'])('%s has no verdict, because Trivy could have found nothing', async name => {
  const image = world.has(name);
  world.push(image, 'v1');
  await world.settle();
  expect(world.row(image)).not.toHaveProperty('verdict');
  expect(world.row(image).lastAttempt).toMatchObject({ cause: 'NOT_COVERED' });
});

test('rule 5.1: a decoy child does not hide the vulnerable layer of its sibling, whose diff_id it bears', async () => {
  const index = world.has('decoy', ['linux-amd64', 'linux-s390x']);
  world.push(index, 'v1');
  await world.settle();
  expect(world.outcome(index)).toBe('FAIL');
});

test('rule 4.7: malformed messages are poison with a reason each, and the others proceed', async () => {
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
    expect.stringMatching(/^neither an "ECR Image Action" event nor a scan request: /), expect.stringMatching(/^neither/), 'an "ECR Image Action" event without a readable image or time',
  ]);
  expect(world.results.dead).toHaveLength(2);
  expect(world.outcome(image)).toBe('PASS');
});

test.each([['DELETE', 'SUCCESS', 'v1'], ['PUSH', 'FAILURE', 'v1'], ['PUSH', 'SUCCESS', `sha256-${'0'.repeat(64)}.sig`]])('the event %s %s %s asks for nothing', async (action, result, tag) => {
  const event = pushed(world.has('clean'), world.now, tag) as { detail: object };
  world.requests.put({ ...event, detail: { ...event.detail, 'action-type': action, result } });
  await world.settle();
  expect(world.outcomes).toEqual([{ done: 'ignored' }]);
});
