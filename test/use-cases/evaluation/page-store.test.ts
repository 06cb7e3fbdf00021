import { pageKey } from '../../../src/core/evidence/evidence-keys';
import type { ImageName } from '../../../src/core/image/image';
import { LENIENT, World } from '../world';

let world: World;
let image: ImageName;

beforeEach(() => {
  world = new World();
  image = world.has('fixable-critical');
});

function verdictId(): string {
  return world.row(image).verdict!.verdictId;
}

function page(): string {
  const { scanId } = world.row(image).verdict!;
  const bytes = world.evidence.objects.get(pageKey({ image, scanId, verdictId: verdictId() }));
  return Buffer.from(bytes!).toString('utf8');
}

test('a verdict has a page beside the report that it was made from, with its reasons', async () => {
  world.push(image, 'v1');
  await world.settle();
  expect(world.evidence.keys('scans/').map(key => key.split('/').at(-1))).toContain('report.html');
  expect(page()).toContain('<title>FAIL: team/fixable-critical of 000000000000 in us-east-1</title>');
  expect(page()).toContain('CVE-2021-44906');
});

test('a scan that is judged again has a second page, and keeps the first', async () => {
  world.push(image, 'v1');
  await world.settle();
  const first = page();
  world.publish(LENIENT);
  await world.reconcile();
  await world.settle();
  expect(world.outcome(image)).toBe('PASS');
  expect(page()).toContain('<title>PASS: ');
  expect(page()).toContain('the policy does not count this severity');
  const pages = world.evidence.keys('scans/').filter(key => key.endsWith('.html'));
  expect(pages).toHaveLength(2);
  expect(Buffer.from(world.evidence.objects.get(pages[0]!)!).toString('utf8')).toBe(first);
});

test('a page that cannot be written changes nothing else: verdict, event and statement are there, and the log says why', async () => {
  world.signs = true;
  image = world.has('clean');
  const writeOnce = world.evidence.writeOnce.bind(world.evidence);
  jest.spyOn(world.evidence, 'writeOnce').mockImplementation(async (key, body) => {
    if (key.endsWith('.html')) throw new Error('SlowDown');
    return writeOnce(key, body);
  });
  world.push(image, 'v1');
  await world.settle();
  expect(world.outcome(image)).toBe('PASS');
  expect(world.verdicts(image)).toEqual(['PASS changed']);
  expect(world.row(image).statement).toBeDefined();
  expect(world.outcomes).toContainEqual(
    expect.objectContaining({ done: 'verdict PASS; its page was not written: Error: SlowDown' }),
  );
});

test('rule 4.3, outbox: the page comes last, when register and bus have the verdict', async () => {
  const writeOnce = world.evidence.writeOnce.bind(world.evidence);
  let seen: object | undefined;
  jest.spyOn(world.evidence, 'writeOnce').mockImplementation(async (key, body) => {
    if (key.endsWith('.html')) {
      seen = { row: world.row(image), events: world.verdicts(image) };
    }
    return writeOnce(key, body);
  });
  world.push(image, 'v1');
  await world.settle();
  expect(seen).toMatchObject({ row: { verdict: { outcome: 'FAIL' } }, events: ['FAIL changed'] });
  expect((seen as { row: object }).row).not.toHaveProperty('outbox');
});
