import { gunzipSync } from 'node:zlib';
import type { FindingRow } from '../../../src/core/findings/changes';
import type { ImageName } from '../../../src/core/image/image';
import { recordFindings, type RecordContext } from '../../../use-cases/findings/record-findings';
import { LENIENT, World } from '../world';
import { trivyReport } from '../world/zoo';

let world: World;
let image: ImageName;
let table: Map<string, FindingRow>;
let written: FindingRow[][];

beforeEach(() => {
  world = new World();
  image = world.has('fixable-critical');
  table = new Map();
  written = [];
});

function context(): RecordContext {
  return {
    register: world.register,
    evidence: world.evidence,
    findings: {
      ofImage: async name => [...table.values()].filter(({ pk }) => pk === name),
      write: async rows => {
        written.push([...rows]);
        for (const row of rows) table.set(`${row.pk}|${row.sk}`, row);
      },
    },
  };
}

async function scan(finds?: Parameters<World['finds']>[1]): Promise<void> {
  if (finds !== undefined) world.finds(image, finds);
  world.pass(25);
  world.ask(image, 'request');
  await world.settle();
  await recordFindings(image, context());
}

function statuses(): Record<string, number> {
  const count: Record<string, number> = {};
  for (const { status } of table.values()) count[status] = (count[status] ?? 0) + 1;
  return count;
}

test('the table says what the verdict says: what violates, since when', async () => {
  await scan();
  const { scannedAt, verdictId, violationCount } = world.row(image).verdict!;
  const rows = [...table.values()];
  expect(rows.length).toBeGreaterThan(0);
  expect(rows.filter(({ violates }) => violates)).toHaveLength(violationCount);
  for (const row of rows) {
    expect(row).toMatchObject({ pk: image, status: 'OPEN', firstSeenAt: scannedAt, verdictId });
  }
});

test('the same event twice, and a renewal that found the same, write nothing', async () => {
  await scan();
  await recordFindings(image, context());
  await scan();
  expect(written.map(rows => rows.length)).toEqual([table.size, 0, 0]);
});

test('only what changed is written: a finding that is gone is FIXED, one that is back keeps its row', async () => {
  await scan();
  const before = table.size;
  const [first] = [...table.values()].map(({ firstSeenAt }) => firstSeenAt);
  await scan('clean');
  expect(statuses().FIXED).toBe(before);
  await scan('clean');
  expect(written.at(-1)).toEqual([]);
  await scan('fixable-critical');
  expect(statuses().OPEN).toBeGreaterThanOrEqual(before);
  expect(
    [...table.values()].every(({ firstSeenAt, status }) => status === 'FIXED' || firstSeenAt > first!),
  ).toBe(true);
});

test('a policy that accepts what another refused rewrites the rows that no longer violate, and no others', async () => {
  await scan();
  const violating = [...table.values()].filter(({ violates }) => violates).length;
  world.publish(LENIENT);
  world.results.put({ version: 1, image });
  await world.settle();
  await recordFindings(image, context());
  expect(written.at(-1)).toHaveLength(violating);
});

test('what was accepted is WAIVED, by whom and until when; it is OPEN again when the waiver ends', async () => {
  world.waive({
    id: 'CVE-2021-44906',
    repositories: ['team/*'],
    owner: 'alice@example.com',
    reason: 'not reachable from any input',
    expires: '2026-12-03',
  });
  await scan();
  const row = () => [...table.values()].find(({ id }) => id === 'CVE-2021-44906');
  expect(row()).toMatchObject({
    status: 'WAIVED',
    violates: false,
    waivedBy: 'alice@example.com',
    waivedUntil: '2026-12-03',
  });
  world.pass(9 * 24);
  await scan();
  expect(world.outcome(image)).toBe('FAIL');
  expect(row()).toMatchObject({ status: 'OPEN', violates: true });
  expect(row()).not.toHaveProperty('waivedBy');
});

test('rule 4.1, messages are hints: an event is a hint: without a verdict, and for an index, there is nothing to record', async () => {
  expect(await recordFindings(image, context())).toMatch(/no verdict of this image/);
  const index = world.has('clean-and-vulnerable', ['linux-amd64', 'linux-arm64']);
  world.push(index, 'v1');
  await world.settle();
  expect(await recordFindings(index, context())).toMatch(/findings of an index are its images'/);
  expect(written).toEqual([]);
});

test('two that overtake each other leave what the newer verdict says', async () => {
  await scan();
  table.clear();
  const slow = context();
  let overtaken = false;
  await recordFindings(image, {
    ...slow,
    findings: {
      ...slow.findings,
      write: async rows => {
        if (!overtaken) {
          overtaken = true;
          await scan('clean'); // the newer one reads, writes and is done before the older one writes
        }
        await slow.findings.write(rows);
      },
    },
  });
  expect(statuses()).not.toHaveProperty('OPEN');
});

test('evidence that is not what the register says is not recorded', async () => {
  world.push(image, 'v1');
  await world.settle();
  world.evidence.put(world.row(image).verdict!.evidenceKey, '{}');
  await expect(recordFindings(image, context())).rejects.toThrow(/is not what the register says/);
});

test('rule 5.5, untrusted text: nothing of the report but its allow-list is stored', async () => {
  const canary = 'hunter2-canary';
  const { ArtifactName: _name, ...report } = trivyReport('fixable-critical');
  world.finds(image, {
    errors: '2026-11-25T01:58:30Z\tINFO\tDetected OS\t',
    report: {
      ...report,
      Metadata: {
        ...report.Metadata,
        ImageConfig: { ...report.Metadata.ImageConfig, config: { Env: [`SECRET=${canary}`], User: '1' } },
      },
    },
  });
  await scan();
  for (const key of world.evidence.keys('scans/').filter(each => each.endsWith('.gz'))) {
    expect(gunzipSync(world.evidence.objects.get(key)!).toString()).not.toContain(canary);
  }
  expect(JSON.stringify([...table.values()])).not.toContain(canary);
});
