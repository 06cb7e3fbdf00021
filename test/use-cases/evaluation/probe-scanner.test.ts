import { imageName } from '../../../src/core/image/image';
import type { WantedSlot } from '../../../src/core/register/scan-slots';
import { probeImage } from '../../../src/core/scanning/probe-image';
import { Seconds } from '../../../src/core/times';
import { probeScanner } from '../../../use-cases/evaluation/probe-scanner';
import { EXPECTED_BUILD, MemoryCodeBuild, type Run } from '../world/code-build';
import { MemoryEvidence } from '../world/evidence';
import { Interruptions } from '../world/interruptions';
import { MemorySlots } from '../world/slots';
import { trivyReport } from '../world/zoo';

const START = Date.parse('2026-11-25T12:00:00Z');
const repository = { account: '000000000000', region: 'us-east-1', repository: 'probe' };
const name = imageName({ ...repository, digest: probeImage().digest });
const report = trivyReport('clean');
const ALPINE: Run = {
  report: { ...report, Metadata: { ...report.Metadata, OS: { Family: 'alpine', Name: '3.22.0' } } },
};

let now: number;
let builds: MemoryCodeBuild;
let uploads: MemoryEvidence;
let slots: MemorySlots;
/** What others do meanwhile. */
let onSleep: () => Promise<void>;
let pushed: string[];
/** What could not be pulled through the caches, in turn. */
let problems: string[][];
/** What each build finds, in turn; the last one again. */
let runs: Run[];

beforeEach(() => {
  now = START;
  const interruptions = new Interruptions();
  uploads = new MemoryEvidence(interruptions);
  slots = new MemorySlots(interruptions);
  builds = new MemoryCodeBuild(uploads, interruptions, () => new Date(now));
  builds.configOf = () => probeImage().configDigest;
  builds.runOf = () => (runs.length > 1 ? runs.shift()! : runs[0]!);
  onSleep = async () => undefined;
  pushed = [];
  problems = [];
  runs = [ALPINE];
});

function probe(): Promise<string | undefined> {
  let scans = 0;
  return probeScanner({
    repository,
    fillCaches: async () => problems.shift() ?? [],
    images: {
      push: async ({ digest }) => {
        pushed.push(digest);
      },
    },
    slots,
    builds,
    uploads,
    expectedBuild: EXPECTED_BUILD,
    urlSuffix: 'amazonaws.com',
    newScanId: () => `0000000001${String(++scans).padStart(16, '0')}`,
    now: () => new Date(now),
    sleep: async seconds => {
      now += seconds * 1000;
      builds.endDue();
      await onSleep();
    },
  });
}

test('a scan that is as expected: the image was pushed, and scanned once', async () => {
  expect(await probe()).toBeUndefined();
  expect(pushed).toEqual([probeImage().digest]);
  expect(builds.builds).toHaveLength(1);
  expect(JSON.stringify(builds.builds[0])).toContain(name);
});

test('rule 5.2, provenance: a field that CodeBuild describes otherwise, with both values, and no second try', async () => {
  const start = builds.start.bind(builds);
  builds.start = async scan => {
    const started = await start(scan);
    builds.change(builds.builds.at(-1)!, build => {
      build.environment = { ...build.environment, computeType: 'BUILD_GENERAL1_MEDIUM' };
    });
    return started;
  };
  expect(await probe()).toMatch(
    /^a scan does not work in this account: CodeBuild describes the build otherwise than it was asked for: environment\.computeType is "BUILD_GENERAL1_MEDIUM", expected "BUILD_GENERAL1_SMALL"; the log of the build scans:\S+ may say more\. To deploy without this check, set deploymentProbe to DeploymentProbe\.NONE$/,
  );
  expect(builds.builds).toHaveLength(1);
});

test('a failure is tried again, since IAM may not know the rights of a new role yet', async () => {
  runs = [{ unread: { cause: 'REGISTRY_DENIED', detail: 'ECR answers 403' } }, ALPINE];
  expect(await probe()).toBeUndefined();
  expect(builds.builds).toHaveLength(2);
});

test.each<[string, Run, RegExp]>([
  [
    'the registry refuses',
    { unread: { cause: 'REGISTRY_DENIED', detail: 'ECR answers 403' } },
    /: REGISTRY_DENIED: ECR answers 403; let the scan role pull/,
  ],
  [
    'there is no database',
    { step: 'download', exitCode: 1, errors: 'FATAL Fatal error init error: DB error: no route' },
    /: DATABASE_UNAVAILABLE: .*no route; mirror the vulnerability database/,
  ],
  ['the build fails', { status: 'FAILED' }, /: BUILD_FAILED: .*; read the build's log;/],
])('%s: three builds, then the cause and the remedy', async (_, run, why) => {
  runs = [run];
  expect(await probe()).toMatch(why);
  expect(builds.builds).toHaveLength(3);
});

test('a scan that read another system has not read the image', async () => {
  runs = [{ report }];
  expect(await probe()).toMatch(
    /: Trivy finds the operating system \w+ in the image of the probe, expected alpine;/,
  );
});

test('caches are filled before the build starts, and what cannot be pulled is named', async () => {
  problems = [['a:1 was not pulled through its cache: denied']];
  expect(await probe()).toBeUndefined();
  expect(builds.builds).toHaveLength(1);

  problems = Array.from({ length: 3 }, () => ['a:1 was not pulled through its cache: denied']);
  expect(await probe()).toMatch(/: a:1 was not pulled through its cache: denied\. To deploy without/);
  expect(builds.builds).toHaveLength(1);
});

test("the probe's own calls are tried again too", async () => {
  const start = builds.start.bind(builds);
  const errors = [new Error('not authorized to perform codebuild:StartBuild')];
  builds.start = async scan => {
    const error = errors.shift();
    if (error !== undefined) throw error;
    return start(scan);
  };
  expect(await probe()).toBeUndefined();
  errors.push(
    ...Array.from({ length: 3 }, () => new Error('not authorized to perform codebuild:StartBuild')),
  );
  expect(await probe()).toMatch(/: Error: not authorized to perform codebuild:StartBuild\. To deploy/);
});

test('an account without builds is told so at once', async () => {
  builds.quota = 0;
  expect(await probe()).toMatch(
    /: BUILD_QUOTA_ZERO: CodeBuild takes no builds of this account: Cannot have more than 0 builds in queue for the account; raise the quota/,
  );
  expect(now).toBe(START);
});

test('a busy CodeBuild is waited for, but not for ever', async () => {
  builds.busy = true;
  expect(await probe()).toMatch(
    /: no build could start for 13 minutes: CodeBuild takes no more builds; deploy again when fewer run, or raise/,
  );
  expect(now - START).toBeLessThan((Seconds.probeScanner - 30) * 1000);
});

test('rule 4.12, turns: with one build at a time and old images that wait, the probe is next', async () => {
  slots.limits = { scans: 1, perRepository: 1 };
  builds.quota = 1;
  builds.seconds = 60;
  const old = (number: number): WantedSlot => ({
    request: {
      version: 1,
      image: imageName({ ...repository, repository: `team/${number}`, digest: `sha256:${'a'.repeat(64)}` }),
      reason: 'enrolment',
      at: new Date(START - 3_600_000).toISOString(),
    },
    scanId: `old ${number}`,
    waitSeconds: 60,
  });
  await slots.take(old(1), new Date(now));
  let taken = 0;
  onSleep = async () => {
    // one is over each minute, and the others ask all the time
    if ((now - START) % 60_000 === 0) await slots.release(`old ${taken + 1}`, false, new Date(now));
    if ((await slots.take(old(taken + 2), new Date(now))) === undefined) taken++;
  };
  const held: string[][] = [];
  const start = builds.start.bind(builds);
  builds.start = async scan => {
    held.push(Object.keys(slots.row.scans));
    return start(scan);
  };
  expect(await probe()).toBeUndefined();
  expect(held).toEqual([[expect.stringMatching(/^0000000001/)]]); // its own slot, and no other
  expect(taken).toBe(0);
  expect(slots.takenAt(new Date(now))).toBe(0);
});

test('a build that does not end is not waited for longer than the function lasts', async () => {
  builds.seconds = 3600;
  expect(await probe()).toMatch(/: the build scans:\S+ has not ended after 13 minutes;/);
  expect(now - START).toBeLessThan((Seconds.probeScanner - 30) * 1000);
});
