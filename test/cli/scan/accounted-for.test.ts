import { isDeepStrictEqual } from 'node:util';
import { Workshop, type Ended } from './workshop';
import { packLayer } from '../../../local/images/image';
import { buildIndex } from '../../../local/images/image-index';
import { Layer } from '../../../local/images/layer';
import { writeLayout } from '../../../local/images/layout';
import { supportedOs } from '../../../local/images/zoo/ingredients';
import {
  ACCOUNTED,
  craftedImage,
  ELSEWHERE,
  UNACCOUNTED,
  type Crafted,
} from '../../../local/images/zoo/unaccounted';
import type { AdvisorySource, Facts } from '../../../local/vulnerability-database/facts';
import { Limit } from '../../../src/core/limits';

const source = (bucket: string, advisories: AdvisorySource['advisories']): AdvisorySource => ({
  bucket,
  dataSource: { ID: 'test', Name: bucket, URL: 'https://example.com/' },
  advisories,
});
const ofLibrary = (id: string, name: string, fixed: string) => ({
  id,
  vendorId: id,
  package: name,
  vulnerable: [`<${fixed}`],
  patched: [fixed],
});

/** Systems and languages beside those that the small database knows. */
const EXTRA: Facts = {
  sources: [
    source('wolfi', [{ id: 'TEST-0002', package: 'openssl', fixedVersion: '3.5.1-r0' }]),
    source('amazon linux 2023', [
      { id: 'TEST-0003', package: 'openssl-libs', fixedVersion: '1:3.0.7-1.amzn2023' },
    ]),
    source('debian 13', [{ id: 'TEST-0004', package: 'commons-text', fixedVersion: '1.9-1+deb13u1' }]),
    source('go::test', [ofLibrary('TEST-0001', 'go.etcd.io/bbolt', '99.0.0')]),
    source('pip::test', [ofLibrary('TEST-0005', 'django', '99.0')]),
    source('rubygems::test', [ofLibrary('TEST-0006', 'rack', '99.0')]),
    source('composer::test', [ofLibrary('TEST-0007', 'acme/http', '99.0')]),
    source('nuget::test', [ofLibrary('TEST-0008', 'acme.json', '99.0')]),
  ],
  vulnerabilities: Object.fromEntries(
    [
      'TEST-0001',
      'TEST-0002',
      'TEST-0003',
      'TEST-0004',
      'TEST-0005',
      'TEST-0006',
      'TEST-0007',
      'TEST-0008',
    ].map(id => [id, { severity: 'CRITICAL', title: `made up for a test: ${id}` }] as const),
  ),
};

interface Judgement {
  readonly outcome: string;
  readonly violations: readonly { readonly id?: string; readonly package?: string }[];
  readonly warnings: readonly { readonly message: string }[];
  readonly packages?: string;
}
interface Why {
  readonly cause: string;
  readonly detail: string;
}
interface Answer {
  readonly images: readonly (Judgement & { readonly platform: string })[];
  readonly indeterminate: readonly (Why & { readonly platform: string })[];
}

const ROWS: Readonly<Record<string, Crafted>> = { ...UNACCOUNTED, ...ELSEWHERE, ...ACCOUNTED };
/** What Trivy orders by chance shows in many scans only: the nightly run makes 30 of each image. */
const TIMES = Number(process.env.TIMES ?? 1);
const answers = new Map<string, Judgement | Why>();
const changed: { name: string; first: Judgement | Why; later: Judgement | Why }[] = [];
let shop: Workshop;

/** Many in an index: of one run of the command line, each is an image for a platform of its own. */
beforeAll(async () => {
  shop = await Workshop.open({ extra: EXTRA });
  const names = Object.keys(ROWS);
  const size = Math.min(Limit.indexChildren, Math.ceil(names.length / 2));
  const chunks = Array.from({ length: Math.ceil(names.length / size) }, (_, at) =>
    names.slice(at * size, (at + 1) * size),
  );
  const inTurn = async () => {
    for (let chunk = chunks.shift(); chunk !== undefined; chunk = chunks.shift()) await scanAll(chunk);
  };
  await Promise.all([inTurn(), inTurn()]);
}, 1_800_000 * TIMES);
afterAll(() => shop.close());
jest.setTimeout(120_000);

async function scanAll(names: readonly string[]): Promise<void> {
  const images = await Promise.all(names.map(name => craftedImage(ROWS[name]!, name)));
  const folder = shop.path(`index-of-${names[0]}`);
  await writeLayout(folder, buildIndex(images));
  for (let time = 0; time < TIMES; time++) {
    const { out, err } = await shop.scan([folder, '--json', '-']);
    if (out === '') throw new Error(err);
    const { images: judged, indeterminate } = JSON.parse(out) as Answer;
    for (const { platform, outcome, violations, warnings, packages } of judged) {
      answered(platform, { outcome, violations, warnings, packages });
    }
    for (const { platform, ...why } of indeterminate) answered(platform, why);
  }
}

function answered(platform: string, answer: Judgement | Why): void {
  const name = platform.replace('linux/amd64/', '');
  const first = answers.get(name);
  if (first === undefined) answers.set(name, answer);
  else if (!isAlike(name, first, answer)) changed.push({ name, first, later: answer });
}

/** Where Trivy finds something by chance, it is refused, or nothing is decided for the reason of always. */
function isAlike(name: string, first: Judgement | Why, later: Judgement | Why): boolean {
  const { byChance, notCovered } = ROWS[name]!;
  if (byChance === undefined) return isDeepStrictEqual(first, later);
  return 'cause' in later ? later.detail.includes(notCovered!) : later.outcome === 'FAIL';
}

if (TIMES > 1) {
  test(`the same image, the same answer: ${TIMES} scans of each`, () => expect(changed).toEqual([]));
}

test.each(Object.entries<Crafted>({ ...UNACCOUNTED, ...ELSEWHERE }))(
  'every package is accounted for: %s does not pass, and it says why',
  (name, { found, notCovered }) => {
    const answer = answers.get(name)!;
    if ('cause' in answer) {
      expect(answer).toMatchObject({ cause: 'NOT_COVERED', detail: expect.stringContaining(notCovered!) });
    } else {
      expect(answer.outcome).toBe('FAIL');
      expect(answer.violations.map(({ id, package: of }) => `${id} in ${of}`)).toContain(found);
    }
  },
);

test.each(Object.entries<Crafted>(ACCOUNTED))(
  'every package is accounted for: %s passes',
  (name, { warned }) => {
    const answer = answers.get(name) as Judgement;
    expect(answer).toMatchObject({ outcome: 'PASS' });
    expect(answer.warnings.map(({ message }) => message)).toEqual(
      warned === undefined ? [] : [expect.stringContaining(`Trivy never reads ${warned} `)],
    );
  },
);

describe('base images are told by the layers of the image, and not by those that Trivy is given', () => {
  const SBOM = '{"bomFormat":"CycloneDX","specVersion":"1.6","version":1,"components":[]}';
  const golden = supportedOs().with(new Layer().file('srv/base.cdx.json', SBOM));
  const foreign = new Layer().file('opt/foreign', 'of another base image');

  async function judge(name: string, layers: readonly Layer[]): Promise<Ended> {
    const { diffId } = await packLayer(golden);
    const policy = shop.write(
      `${name}.yaml`,
      `version: 1\npolicy: { name: golden, rules: [{ rule: allowed-base-images, allowed: [{ title: golden, diffIds: ['${diffId}'] }] }] }\n`,
    );
    await writeLayout(shop.path(name), await craftedImage({ layers: () => layers }));
    return shop.scan([shop.path(name), '--policy', policy]);
  }

  test('a golden base image above a foreign one is refused', async () => {
    const ended = await judge('golden-above', [foreign, golden]);
    expect(ended).toMatchObject({ code: 1, err: '' });
    expect(ended.out).toContain('the image is built on none of the allowed base images');
  });

  test('a golden base image with an SBOM passes', async () => {
    expect(await judge('golden-below', [golden, foreign])).toMatchObject({ code: 0, err: '' });
  });
});
