import { imageName, imageOf, sibling, type ImageName } from '../../../src/core/image/image';
import { LENIENT, STANDARD, World } from '../world';
import { Gate } from '../world/gate';
import { storedImage } from '../world/zoo';

let world: World;
let gate: Gate;

beforeEach(() => {
  world = new World();
  world.signs = true;
  gate = new Gate(world);
});

function digestOf(image: ImageName): string {
  return imageOf(image).digest;
}

/**
 * CDK publishes an asset and deploys at once; its repository is not enrolled by a rule of its own, so nobody
 * hears of the push.
 */
function published(name: string, tag: string): ImageName {
  const image = world.has(name);
  world.registry.tag(imageOf(image), tag);
  return image;
}

test('an image that nobody knows: the deployment asks, the scan runs, the signer signs, and the deployment goes on with the digest', async () => {
  const image = published('clean', 'v1');
  expect(await gate.create({ repository: 'team/clean', tag: 'v1' })).toEqual({
    image,
    id: `${image}#v1`,
    digest: digestOf(image),
    seconds: expect.any(Number),
  });
  expect(world.row(image)).toMatchObject({
    verdict: { outcome: 'PASS' },
    statement: expect.anything(),
    signature: expect.anything(),
  });
  expect(world.buildsOf(image)).toBe(1);
  expect(gate.resolved).toEqual(['v1']);
  expect(gate.said.at(0)).toMatch(/^waits: NO_VERDICT: .* it has not been judged yet; 0 of 3300 seconds$/);
  expect(gate.said).toContainEqual(
    expect.stringMatching(/^waits: NO_VERDICT: .*\(scan 01JDGZ\d+ is under way\); \d+ of 3300 seconds$/),
  );
  expect(gate.said.at(-1)).toMatch(
    /^team\/clean@sha256:[0-9a-f]{12} is admitted: every image is trusted, until 2026-11-28T/,
  );
  expect(gate.alerts).toEqual([]);
});

test('it is admitted as soon as the signer has signed, and not before', async () => {
  const image = published('clean', 'v1');
  const seen: boolean[] = [];
  world.interruptions.watch = () => seen.push(world.row(image).statement !== undefined);
  const { seconds } = await gate.create({ repository: 'team/clean', tag: 'v1' });
  expect(seconds).toBeGreaterThanOrEqual(world.builds.seconds);
  expect(seconds).toBeLessThan(world.builds.seconds + 10);
  expect(seen).toContain(false);
});

test('an image that is vulnerable: the deployment fails once its scan has ended, and says what was found, what to do, and where to read on', async () => {
  const image = published('fixable-critical', 'v1');
  const { reason, seconds } = await gate.create({ repository: 'team/fixable-critical', tag: 'v1' });
  const { verdict } = world.row(image);
  expect(reason!.split('\n')).toEqual(
    expect.arrayContaining([
      `${image} is refused: it does not pass policy (1 violation, scan ${verdict!.scanId})`,
      expect.stringMatching(
        /^- vulnerabilities: CRITICAL CVE-2021-44906 in minimist 0\.0\.8 \(app\/node_modules\/minimist\/package\.json\): .*; upgrade minimist to 0\.2\.4/,
      ),
      'To fix: fix the named violations, push, and deploy the new digest',
      `verdict: s3://evidence/${verdict!.evidenceKey}`,
      expect.stringMatching(new RegExp(`^report: s3://evidence/scans/.*/${verdict!.scanId}/report.json.gz$`)),
    ]),
  );
  expect(seconds).toBeLessThan(world.builds.seconds + 10);
  expect(world.signer.signed).toBe(0);
});

describe('a policy that refuses, activated by the same deployment', () => {
  const audit = {
    ...STANDARD,
    name: 'audit',
    audit: true,
    rules: STANDARD.rules.map(each =>
      ['coverage', 'database-age'].includes(each.rule) ? each : { ...each, action: 'warn' },
    ),
  };

  test.each([
    ['fixable-critical', 'FAIL'],
    ['root', 'FAIL'],
    ['clean', 'PASS'],
  ])(
    'is not passed by what the audit before it let through: %s, %s (rule 5.7, fail closed)',
    async (name, outcome) => {
      world.publish(audit);
      const image = published(name, 'v1');
      world.push(image, 'v1');
      await world.settle();
      expect(world.decision(image).trusted).toBe(true);

      world.publish(STANDARD);
      const { reason, digest } = await gate.create({ repository: `team/${name}`, tag: 'v1' });
      if (outcome === 'PASS') {
        expect(digest).toBe(digestOf(image));
      } else {
        expect(reason).toMatch(
          /is refused: it (?:does not pass policy|was trusted, and a later verdict refused it) /,
        );
      }
      expect(world.row(image).verdict).toMatchObject({ outcome, policyRevision: world.policy!.revision });
      expect(gate.said[0]).toMatch(
        /^waits: NO_VERDICT: .*an audit let it through, and the policy that is active now has not judged it yet/,
      );
    },
  );

  test('an audit that is active lets through at once', async () => {
    world.publish(audit);
    const image = published('fixable-critical', 'v1');
    world.push(image, 'v1');
    await world.settle();
    expect(await gate.create({ repository: 'team/fixable-critical', tag: 'v1' })).toMatchObject({
      image,
      seconds: 0,
    });
  });
});

test('an image that was trusted before is admitted at once, and nothing is asked for', async () => {
  const image = world.has('clean');
  world.push(image, 'v1');
  await world.settle();
  const builds = world.builds.builds.length;
  expect(await gate.create({ repository: 'team/clean', tag: 'v1' })).toEqual({
    image,
    id: `${image}#v1`,
    digest: digestOf(image),
    seconds: 0,
  });
  await world.settle();
  expect(world.builds.builds).toHaveLength(builds);
});

test('an image that failed before is scanned again: what is fixed in the policy meanwhile lets it through', async () => {
  const image = world.has('fixable-critical');
  world.push(image, 'v1');
  await world.settle();
  world.pass(1);
  world.publish(LENIENT);
  expect(await gate.create({ repository: 'team/fixable-critical', tag: 'v1' })).toMatchObject({
    digest: digestOf(image),
  });
  expect(world.buildsOf(image)).toBe(2);
});

test('an image whose trust has expired is scanned again, and admitted', async () => {
  const image = world.has('clean');
  world.push(image, 'v1');
  await world.settle();
  world.pass(80);
  expect(world.decision(image)).toMatchObject({ reason: 'EXPIRED' });
  expect(await gate.create({ repository: 'team/clean', tag: 'v1' })).toMatchObject({
    digest: digestOf(image),
  });
});

test('an index is admitted when all of its images pass, and refused if one of them does not', async () => {
  const index = world.has('clean-and-vulnerable', ['linux-amd64', 'linux-arm64']);
  world.registry.tag(imageOf(index), 'v1');
  const { reason } = await gate.create({ repository: 'team/clean-and-vulnerable', tag: 'v1' });
  expect(reason).toMatch(/is refused: it does not pass policy/);
  expect(reason).toMatch(/^- vulnerabilities: \[linux\/arm64\] CRITICAL CVE-/m);
  world.pass(1);
  world.publish(LENIENT);
  expect(await gate.create({ repository: 'team/clean-and-vulnerable', tag: 'v1' })).toMatchObject({
    digest: digestOf(index),
  });
});

test('an index is not refused by what one of its images was before, while that one is being scanned again', async () => {
  const index = world.has('clean-and-vulnerable', ['linux-amd64', 'linux-arm64']);
  world.push(index, 'v1');
  await world.settle();
  expect(world.outcome(index)).toBe('FAIL');
  world.pass(1);
  world.publish(LENIENT);
  const { start } = world.builds;
  world.builds.start = async scan => {
    // the second one takes a minute longer
    world.builds.seconds += 60;
    return start.call(world.builds, scan);
  };
  expect(await gate.create({ repository: 'team/clean-and-vulnerable', tag: 'v1' })).toMatchObject({
    digest: digestOf(index),
  });
});

describe('an index, one of whose images', () => {
  const CHILDREN = ['linux-amd64', 'linux-arm64'];
  let index: ImageName;
  const child = (platform: string) =>
    imageName(sibling(imageOf(index), storedImage(`clean-and-vulnerable.${platform}`).digest));

  beforeEach(() => {
    index = world.has('clean-and-vulnerable', CHILDREN);
  });

  test('waits for its retry, is not refused by what that one was before', async () => {
    world.push(index, 'v1');
    await world.settle();
    world.pass(1);
    world.publish(LENIENT);
    const failing = CHILDREN.find(platform => world.outcome(child(platform)) === 'FAIL')!;
    world.finds(child(failing), {
      unread: { cause: 'REGISTRY_THROTTLED', detail: 'the registry answers 429' },
    });
    const { onEnd } = world.builds;
    world.builds.onEnd = (id: string) => {
      onEnd(id);
      if (world.row(child(failing)).lastFailedScan?.count === 1) {
        world.finds(child(failing), `clean-and-vulnerable.${failing}`);
      }
    };
    expect(await gate.create({ repository: 'team/clean-and-vulnerable', tag: 'v1' })).toMatchObject({
      digest: digestOf(index),
    });
  });

  test.each<[string, string, (of: ImageName) => void]>([
    ['was deleted', 'IMAGE_GONE', of => world.registry.remove(imageOf(of))],
    [
      'cannot be scanned any more',
      'UNSCANNABLE',
      of => world.finds(of, { unread: { cause: 'UNSCANNABLE', detail: 'layer 1 is no layer' } }),
    ],
  ])('%s after its trust expired, is refused with that cause, and soon', async (_what, cause, arrange) => {
    world.publish(LENIENT);
    world.push(index, 'v1');
    await world.settle();
    world.pass(80);
    arrange(child('linux-amd64'));
    const { reason, seconds } = await gate.create({ repository: 'team/clean-and-vulnerable', tag: 'v1' });
    expect(reason).toMatch(
      new RegExp(
        `its trust has expired \\(it held until .*; a later scan ended in CHILD_WITHOUT_VERDICT: its image linux/amd64 .* has no verdict: ${cause}`,
      ),
    );
    expect(seconds).toBeLessThan(600);
  });
});

test('an image that is trusted for a few seconds more when the deployment asks is scanned, and admitted', async () => {
  const image = published('clean', 'v1');
  await gate.create({ repository: 'team/clean', tag: 'v1' });
  world.now = new Date(Date.parse(world.row(image).verdict!.validUntil) - 1000);
  const asked = (await gate.request(gate.event({ repository: 'team/clean', tag: 'v1' })))!;
  world.now = new Date(world.now.getTime() + 5000);
  expect(await gate.look(gate.event({ repository: 'team/clean', tag: 'v1' }), asked)).toEqual({
    waits: expect.any(String),
    inSeconds: 5,
  });
  await world.settle({ minutes: 15 });
  expect(await gate.look(gate.event({ repository: 'team/clean', tag: 'v1' }), asked)).toMatchObject({
    PhysicalResourceId: `${image}#v1`,
  });
});

test('an expired image whose scan is indeterminate is refused with that cause and its remedy', async () => {
  published('clean', 'v1');
  await gate.create({ repository: 'team/clean', tag: 'v1' });
  world.pass(80);
  world.registry.denies = true;
  const { reason } = await gate.create({ repository: 'team/clean', tag: 'v1' });
  expect(reason).toMatch(/its trust has expired \(it held until .*; a later scan ended in REGISTRY_DENIED: /);
  expect(reason).toMatch(/To fix: let the scan role pull from this repository/);
});

test('a scan that is indeterminate, for a reason that does not pass, refuses at once with its cause', async () => {
  published('scratch', 'v1');
  const { reason, seconds } = await gate.create({ repository: 'team/scratch', tag: 'v1' });
  expect(reason).toMatch(/is refused: its scan ended without a verdict \(NOT_COVERED: /);
  expect(reason).toMatch(
    /To fix: base the image on an operating system that the vulnerability database covers/,
  );
  expect(seconds).toBeLessThan(world.builds.seconds + 10);
});

test('a scan that is indeterminate now is waited for: its retry is admitted', async () => {
  const image = published('clean', 'v1');
  world.finds(image, { unread: { cause: 'REGISTRY_THROTTLED', detail: 'the registry answers 429' } });
  world.builds.onEnd = (end => (id: string) => {
    end(id);
    world.finds(image, 'clean');
  })(world.builds.onEnd);
  const { digest, seconds } = await gate.create({ repository: 'team/clean', tag: 'v1' });
  expect(digest).toBe(digestOf(image));
  expect(seconds).toBeGreaterThan(2 * world.builds.seconds);
});

test('no signer, no trust: the deployment fails before CloudFormation gives up, and says where to look', async () => {
  world.signs = false;
  published('clean', 'v1');
  const { reason, seconds } = await gate.create({ repository: 'team/clean', tag: 'v1' });
  expect(reason).toMatch(
    /is refused: it passed policy, but the signer has not signed that yet; nothing changed within 55 minutes/,
  );
  expect(reason).toMatch(/To fix: wait; after a few minutes, check the signer's alarm/);
  expect(seconds).toBeGreaterThanOrEqual(55 * 60);
  expect(seconds).toBeLessThan(56 * 60);
});

test('a gate that only audits lets the vulnerable image through, and the team is notified', async () => {
  const image = published('fixable-critical', 'v1');
  expect(
    await gate.create({ repository: 'team/fixable-critical', tag: 'v1', enforcement: 'AUDIT' }),
  ).toMatchObject({ digest: digestOf(image) });
  expect(gate.alerts).toHaveLength(1);
  expect(gate.alerts[0]!.title).toMatch(
    /^deployed without trust: team\/fixable-critical@sha256:[0-9a-f]{12} \(FAILED\)$/,
  );
});

test('an update to a vulnerable image fails, and the way back is free: what ran before is named by its digest, though its tag was moved', async () => {
  const good = published('clean', 'v1');
  const { id: before } = await gate.create({ repository: 'team/clean', tag: 'v1' });
  const bad = world.has('root', [], 'team/clean');
  world.registry.moveTag(imageOf(bad), 'v1');
  expect((await gate.update(before!, { repository: 'team/clean', tag: 'v1' })).reason).toMatch(
    /runs-as-root/,
  );

  expect(
    await gate.update(before!, { repository: 'team/clean', tag: 'v1' }, 'UPDATE_ROLLBACK_IN_PROGRESS'),
  ).toEqual({ image: good, id: before, digest: digestOf(good), seconds: 0 });
  expect(gate.alerts).toEqual([]);
});
