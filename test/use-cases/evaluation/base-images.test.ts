import { BaseRecord } from '../../../src/core/bases/base-record';
import { baseKey, pageKey } from '../../../src/core/evidence/evidence-keys';
import { imageName, type ImageName } from '../../../src/core/image/image';
import { digestOf } from '../../../src/core/text/sha256';
import { ACCOUNT, World } from '../world';
import { MemoryBases } from '../world/bases';
import { storedImage, trivyErrors, trivyReport } from '../world/zoo';

const [LOWEST, MIDDLE, OLD_TOP, NEW_TOP, OWN] = ['lowest', 'middle', 'old', 'new', 'own'].map(digestOf) as [
  string,
  string,
  string,
  string,
  string,
];
const OLD_LAYERS = [LOWEST, MIDDLE, OLD_TOP];
const NEW_LAYERS = [LOWEST, MIDDLE, NEW_TOP];

let world: World;

beforeEach(() => {
  world = new World();
  world.bases = new MemoryBases(world.interruptions, [{ by: 'prefix', prefix: 'base/' }]);
});

interface Built {
  readonly created?: string;
  readonly label?: string;
}

/** Two findings in the package minimist of this layer, or none. */
function reportOf(layers: readonly string[], vulnerable: string | undefined, { created, label }: Built = {}) {
  const report = trivyReport(vulnerable === undefined ? 'clean' : 'fixable-critical');
  report.Metadata.DiffIDs = [...layers];
  report.Metadata.ImageConfig.created = created ?? '2026-11-01T00:00:00Z';
  report.Metadata.ImageConfig.config.Labels = { 'org.opencontainers.image.base.name': label };
  const [bottom] = layers;
  for (const { Packages = [], Vulnerabilities = [] } of report.Results) {
    for (const { Layer } of Packages) Object.assign(Layer, { Digest: bottom, DiffID: bottom });
    for (const { Layer } of Vulnerabilities) Object.assign(Layer, { Digest: vulnerable, DiffID: vulnerable });
  }
  return report;
}

/** An image that was built, pushed, scanned and judged. */
async function pushed(repository: string, tag: string, report: object): Promise<ImageName> {
  const digest = digestOf(`${repository}:${tag}`);
  world.registry.add({ ...ACCOUNT, repository }, { ...storedImage('clean'), digest });
  const image = imageName({ ...ACCOUNT, repository, digest });
  world.finds(image, { report, errors: trivyErrors('clean') });
  world.push(image, tag);
  await world.settle();
  return image;
}

const oldBase = (tag = '20.11') => pushed('base/node', tag, reportOf(OLD_LAYERS, OLD_TOP));
const newBase = (tag = '20.12') =>
  pushed('base/node', tag, reportOf(NEW_LAYERS, undefined, { created: '2026-11-20T00:00:00Z' }));
const app = (tag = 'v1', built: Built = {}) =>
  pushed('team/app', tag, reportOf([...OLD_LAYERS, OWN], OLD_TOP, built));

function page(image: ImageName): string {
  const { scanId, verdictId } = world.row(image).verdict!;
  const bytes = world.evidence.objects.get(pageKey({ image, scanId, verdictId }))!;
  return Buffer.from(bytes).toString('utf8').replace(/\s+/g, ' ');
}

const reference = (tag: string) =>
  `000000000000.dkr.ecr.us-east-1.amazonaws.com/base/node@${digestOf(`base/node:${tag}`)}`;

test('a page says on which newer base image the findings are gone, before anything else to do', async () => {
  await oldBase();
  await newBase();
  const said = page(await app());
  expect(said).toContain(
    `<strong>2 of 2 findings</strong> come from the base image <strong>base/node:20.11@${digestOf('base/node:20.11')}</strong>, in the lowest 3 of`,
  );
  expect(said).toMatch(
    new RegExp(
      `<ol class="steps"> <li> <strong>rebuild on ${reference('20.12')} \\(tagged 20.12\\)</strong>: 2 findings vanish`,
    ),
  );
  expect(said).toContain('2 of 2 findings of the base image are gone there');
});

test('beside the page is what the image is built on, for the page about all images', async () => {
  const base = await oldBase();
  const image = await app();
  const { scanId, verdictId } = world.row(image).verdict!;
  const bytes = world.evidence.objects.get(baseKey({ image, scanId, verdictId }))!;
  expect(BaseRecord.parse(JSON.parse(Buffer.from(bytes).toString('utf8')))).toEqual({
    schema: 1,
    image,
    base,
    findings: 2,
    own: 0,
  });
  expect(world.evidence.keys('scans/').filter(key => key.endsWith('base.json'))).toHaveLength(1);
});

test('without a newer one that passes it says so, and claims nothing', async () => {
  await oldBase();
  const said = page(await app());
  expect(said).toContain('No newer image of that repository passes policy.');
  expect(said).not.toContain('rebuild on');
});

test('a newer one that has them too is no advice', async () => {
  world.publish({
    name: 'lenient',
    maxAgeHours: 72,
    rules: [{ rule: 'secrets', action: 'deny' }],
  });
  await oldBase();
  await pushed('base/node', '20.12', reportOf(NEW_LAYERS, NEW_TOP, { created: '2026-11-20T00:00:00Z' }));
  const said = page(await app());
  expect(said).toContain(`${reference('20.12')} (tagged 20.12) passes, and has all of them too`);
  expect(said).not.toContain('rebuild on');
});

test('another line of tags is named only where there is nothing else, and as that', async () => {
  await oldBase();
  await newBase('22.1');
  expect(page(await app())).toContain(
    `rebuild on ${reference('22.1')} (the newest digest that was judged and passes, tagged 22.1, of another line of tags)`,
  );
  await pushed(
    'base/node',
    '20.12',
    reportOf([...NEW_LAYERS, OWN], undefined, { created: '2026-11-10T00:00:00Z' }),
  );
  const said = page(await app('v2'));
  expect(said).toContain(`rebuild on ${reference('20.12')} (tagged 20.12)`);
  expect(said).not.toContain(reference('22.1'));
});

test('rule 4.1, messages are hints: a base image that was deleted, or does not pass any more, is not advised', async () => {
  await oldBase();
  const newer = await newBase();
  world.register.rows.set(newer, { ...world.row(newer), verdict: undefined });
  expect(page(await app())).toContain('No newer image of that repository passes policy.');
});

test('a base image that was judged again and fails is known as that', async () => {
  await oldBase();
  const newer = await newBase();
  world.finds(newer, { report: reportOf(NEW_LAYERS, NEW_TOP), errors: trivyErrors('clean') });
  world.pass(25);
  world.ask(newer, 'renewal');
  await world.settle();
  expect(world.outcome(newer)).toBe('FAIL');
  expect(world.bases!.row.images.find(({ image }) => image === newer)).toMatchObject({ outcome: 'FAIL' });
});

test('only layers decide: an image that says that it is built on a base image is not', async () => {
  await oldBase();
  const label = `000000000000.dkr.ecr.us-east-1.amazonaws.com/base/node:20.11`;
  const image = await pushed('team/liar', 'v1', reportOf([OWN], OWN, { label }));
  expect(page(image)).not.toContain('come from the base image');
  expect(page(image)).toContain('That proves nothing');
});

test('images of other repositories are not remembered, and without a base repository nothing is', async () => {
  await app();
  expect(world.bases!.row.images).toEqual([]);
  world.bases = undefined;
  await oldBase();
  expect(page(await app('v2'))).not.toContain('Base image');
});

test.each(['bases.load', 'bases.remember'])('an error of %s changes no verdict, and is told', async place => {
  await newBase();
  world.interruptions.before = async (what: string) => {
    if (what === place) throw new Error('ThrottlingException');
  };
  const base = await oldBase('20.10');
  const image = await app();
  expect([world.outcome(base), world.outcome(image)]).toEqual(['FAIL', 'FAIL']);
  expect(world.verdicts(image)).toEqual(['FAIL changed']);
  if (place === 'bases.load') {
    expect(page(image)).toContain('could not be read: Error: ThrottlingException');
  } else {
    expect(world.outcomes).toContainEqual(
      expect.objectContaining({
        done: 'verdict FAIL; its layers were not remembered as those of a base image: Error: ThrottlingException',
      }),
    );
  }
});

test('a report of a newer base image that cannot be read is no fix', async () => {
  await oldBase();
  await newBase();
  const read = world.evidence.read.bind(world.evidence);
  jest.spyOn(world.evidence, 'read').mockImplementation(async (key, maxBytes) => {
    if (key.includes('base/node') && key.endsWith('report.json.gz')) throw new Error('AccessDenied');
    return read(key, maxBytes);
  });
  const image = await app();
  expect(world.outcome(image)).toBe('FAIL');
  expect(page(image)).toContain('it could not be read: Error: AccessDenied');
  expect(page(image)).not.toContain('rebuild on');
});
