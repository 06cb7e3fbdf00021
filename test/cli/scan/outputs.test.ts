import { stringify } from 'yaml';
import { sarifIn } from './sarif-schema';
import { WITH_MISCONFIG, Workshop, type Ended } from './workshop';
import { buildIndex } from '../../../local/images/image-index';
import { writeLayout } from '../../../local/images/layout';
import { zooImage, type ZooName } from '../../../local/images/zoo/zoo';

interface Outputs {
  readonly ended: Ended;
  readonly sarif: string;
  readonly json: string;
  readonly html: string;
  /** Of an index, one for each platform. */
  readonly sbom: (platform: string) => string;
}

let shop: Workshop;
const scans = new Map<ZooName, Promise<Outputs>>();
beforeAll(async () => {
  shop = await Workshop.open();
}, 600_000);
afterAll(() => shop.close());
jest.setTimeout(120_000);

/** Of these Trivy finds misconfigurations, which are results too. */
const MISCONFIGURED: readonly ZooName[] = ['canaries', 'root'];

/** All that one scan of an image writes to files. An image is scanned when a test first asks for it. */
function outputsOf(image: ZooName): Promise<Outputs> {
  const known = scans.get(image) ?? scanIntoFiles(image);
  scans.set(image, known);
  return known;
}

async function scanIntoFiles(image: ZooName): Promise<Outputs> {
  const file = (extension: string) => shop.path(`${image}.${extension}`);
  const ended = await shop.scan([
    await shop.layout(image),
    ...(MISCONFIGURED.includes(image) ? WITH_MISCONFIG : []),
    ...['sarif', 'json', 'html', 'sbom'].flatMap(format => [`--${format}`, file(format)]),
  ]);
  const read = (extension: string) => shop.read(`${image}.${extension}`);
  return {
    ended,
    sarif: read('sarif'),
    json: read('json'),
    html: read('html'),
    sbom: platform => read(`${platform}.sbom`),
  };
}

const waiver = (id: string, repositories: string[]) => ({
  id,
  repositories,
  owner: 'someone@example.com',
  reason: 'nobody calls what is vulnerable here',
  ticket: 'SEC-1',
  expires: new Date(Date.now() + 864_000_000).toISOString().slice(0, 10),
});

function policyWith(...waivers: object[]): string {
  shop.write('waivers.yaml', stringify({ version: 1, waivers }));
  return shop.write(
    'trusted-images.yaml',
    'version: 1\npolicy: { extends: standard }\nwaivers: [{ file: waivers.yaml }]\n',
  );
}

describe('--sarif', () => {
  test.each([
    'fixable-critical',
    'secret-deleted-later',
    'root',
    'alpine-eol',
    'clean-and-vulnerable',
    'clean',
    'canaries',
  ] as const)('of %s is SARIF 2.1.0', async image => {
    expect(sarifIn((await outputsOf(image)).sarif)).toMatchObject({ version: '2.1.0' });
  });

  test('a refusal of the image as a whole is a result too', async () => {
    const {
      runs: [run],
    } = sarifIn((await outputsOf('root')).sarif);
    expect(run!.results).toContainEqual(expect.objectContaining({ ruleId: 'runs-as-root', level: 'error' }));
  });

  test('what is waived is suppressed, and says by whom', async () => {
    const policy = policyWith(waiver('CVE-2021-44906', ['team/*']));
    await shop.scan([
      await shop.layout('fixable-critical'),
      '--policy',
      policy,
      '--repository',
      'team/app',
      '--sarif',
      shop.path('out.sarif'),
    ]);
    const {
      runs: [run],
    } = sarifIn(shop.read('out.sarif'));
    expect(run!.results.find(({ ruleId }) => ruleId === 'CVE-2021-44906')).toMatchObject({
      suppressions: [
        {
          kind: 'external',
          status: 'accepted',
          justification: expect.stringMatching(/^someone@example\.com until \d{4}-.*: nobody calls/),
        },
      ],
    });
  });

  test('each image of an index is a run of its own', async () => {
    const { runs } = sarifIn((await outputsOf('clean-and-vulnerable')).sarif);
    expect(runs.map(({ automationDetails: { id } }) => id)).toEqual([
      'trusted-images/linux/amd64/',
      'trusted-images/linux/arm64/',
    ]);
  });
});

test('--json - is the answer and nothing else, and all of it is ASCII', async () => {
  const ended = await shop.scan([await shop.layout('fixable-critical'), '--json', '-']);
  expect(JSON.parse(ended.out)).toMatchObject({
    version: 1,
    outcome: 'FAIL',
    violationCount: 1,
    mayHaveGracePeriod: true,
    indeterminate: [],
    images: [{ platform: 'linux/amd64' }],
  });
  expect(ended.out).toMatch(/^[\x20-\x7e\n]*$/);
  expect(ended.err).toMatch(/^FAIL /);
});

test('--sarif - is SARIF and nothing else', async () => {
  const ended = await shop.scan([await shop.layout('fixable-critical'), '--sarif', '-']);
  expect(ended).toMatchObject({ code: 1, err: expect.stringMatching(/^FAIL .*\n$/) });
  expect(sarifIn(ended.out).runs).toHaveLength(1);
  expect(await shop.scan([shop.path('fixable-critical'), '--sarif', '-', '--json', '-'])).toMatchObject({
    code: 64,
    out: '',
  });
});

test('--json to a file leaves the answer for people where it was', async () => {
  const { ended, json } = await outputsOf('scratch');
  expect(ended.out).toMatch(/^INDETERMINATE/);
  expect(JSON.parse(json)).toMatchObject({
    outcome: 'ERROR',
    indeterminate: [{ cause: 'NOT_COVERED' }],
    images: [],
  });
});

test('--html is a page for people, of an index with each finding once, also where no scan could decide', async () => {
  const refused = await outputsOf('clean-and-vulnerable');
  expect(refused.ended.code).toBe(1);
  expect(refused.html).toContain('<p class="outcome">FAIL</p>');
  expect(refused.html).toContain('upgrade minimist from 0.0.8 to 0.2.4');
  expect(refused.html).toContain('linux/amd64, linux/arm64');
  await shop.scan([await shop.layout('unfixed-only'), '--html', shop.path('alone.html')]);
  expect(shop.read('alone.html')).toContain('no version fixes it yet, and the policy counts only');
  const indeterminate = await outputsOf('scratch');
  expect(indeterminate.ended.code).toBe(2);
  expect(indeterminate.html).toContain('NOT_COVERED');
  expect(await shop.scan([shop.path('scratch'), '--html', '-'])).toMatchObject({
    code: 64,
    err: expect.stringContaining('--html is "-", allowed: a file'),
  });
});

test('--sbom is CycloneDX of the packages; of an index one for each image', async () => {
  await shop.scan([await shop.layout('fixable-critical'), '--sbom', shop.path('alone.cdx.json')]);
  const sbom = JSON.parse(shop.read('alone.cdx.json')) as {
    bomFormat: string;
    components: { name: string }[];
  };
  expect(sbom.bomFormat).toBe('CycloneDX');
  expect(sbom.components.map(({ name }) => name)).toContain('minimist');
  const both = await outputsOf('clean-and-vulnerable');
  expect(both.sbom('linux-arm64')).toContain('minimist');
  expect(both.sbom('linux-amd64')).not.toContain('minimist');
});

test('two images of one platform have an SBOM each, and a run of SARIF each', async () => {
  const index = await zooImage('clean-and-vulnerable');
  const twins = index.children.map(child => ({
    ...child,
    descriptor: { ...child.descriptor, platform: { os: 'linux', architecture: 'amd64' } },
  }));
  await writeLayout(shop.path('twins'), buildIndex(twins));
  expect(
    await shop.scan([
      shop.path('twins'),
      '--sbom',
      shop.path('twins.json'),
      '--sarif',
      shop.path('twins.sarif'),
    ]),
  ).toMatchObject({ code: 1, err: '' });
  expect(
    [
      shop.read('twins.linux-amd64.json').includes('minimist'),
      shop.read('twins.linux-amd64-2.json').includes('minimist'),
    ].sort(),
  ).toEqual([false, true]);
  const { runs } = sarifIn(shop.read('twins.sarif'));
  expect(runs.map(({ automationDetails: { id } }) => id)).toEqual([
    'trusted-images/linux/amd64/',
    'trusted-images/linux/amd64/2/',
  ]);
});

test('a file that cannot be written is 2: nobody was told', async () => {
  const ended = await shop.scan([await shop.layout('clean'), '--sarif', shop.path('no/folder/out.sarif')]);
  expect(ended.code).toBe(2);
  expect(ended.err).toMatch(/cannot be written \(ENOENT\)/);
});

describe('a policy as a file', () => {
  test('waivers apply to their repositories, and say by whom and until when', async () => {
    const image = await shop.layout('fixable-critical');
    const policy = policyWith(waiver('CVE-2021-44906', ['team/*']));
    const waived = await shop.scan([image, '--policy', policy, '--repository', 'team/app']);
    expect(waived.code).toBe(0);
    expect(waived.out).toMatch(
      /\nwaived: 1\n {2}CVE-2021-44906 in minimist: someone@example\.com until \d{4}-\d\d-\d\d \(SEC-1\): nobody calls what is vulnerable here/,
    );
    expect(await shop.scan([image, '--policy', policy, '--repository', 'other/app'])).toMatchObject({
      code: 1,
    });
    expect(await shop.scan([image, '--policy', policy])).toMatchObject({ code: 1 });
  });

  test('a waiver for every repository needs none', async () => {
    expect(
      await shop.scan([
        await shop.layout('fixable-critical'),
        '--policy',
        policyWith(waiver('CVE-2021-44906', ['**'])),
      ]),
    ).toMatchObject({ code: 0 });
  });

  test('where repositories have policies of their own, the repository must be named', async () => {
    const image = await shop.layout('root');
    const policy = shop.write(
      'scoped.yaml',
      [
        'version: 1',
        'policy: { extends: standard }',
        'repositoryPolicies:',
        '  - repositories: [{ prefix: tools/ }]',
        '    policy: { extends: standard, name: tools, without: [runs-as-root] }',
        '',
      ].join('\n'),
    );
    const unnamed = await shop.scan([image, '--policy', policy]);
    expect(unnamed).toMatchObject({ code: 64, out: '' });
    expect(unnamed.err).toMatch(/judges some repositories by other rules: say with --repository/);
    expect(await shop.scan([image, '--policy', policy, '--repository', 'tools/one'])).toMatchObject({
      code: 0,
      out: expect.stringContaining('(tools)'),
    });
    expect(await shop.scan([image, '--policy', policy, '--repository', 'team/app'])).toMatchObject({
      code: 1,
    });
  });

  test('Rego is asked, and sees the name that the image would have', async () => {
    shop.write(
      'named.rego',
      'package named\nimport rego.v1\ndeny contains sprintf("named %s", [input.ArtifactName]) if startswith(input.ArtifactName, "000000000000.dkr.ecr.us-east-1.amazonaws.com/team/app@sha256:")\n',
    );
    const policy = shop.write(
      'rego.yaml',
      'version: 1\npolicy: { extends: standard, rules: [{ rule: rego, files: [named.rego] }] }\n',
    );
    const ended = await shop.scan([
      await shop.layout('clean'),
      ...WITH_MISCONFIG,
      '--policy',
      policy,
      '--repository',
      'team/app',
    ]);
    expect(ended.code).toBe(1);
    expect(ended.out).toMatch(/\nrego: 1\n {2}named 000000000000\.dkr\.ecr/);
  });

  test('what is wrong with it has its place', async () => {
    shop.write('broken.rego', 'package broken\nimport rego.v1\ndeny contains "x" if input.Nothing\n');
    const policy = shop.write(
      'broken.yaml',
      'version: 1\npolicy: { extends: standard, rules: [{ rule: rego, files: [broken.rego] }] }\n',
    );
    const ended = await shop.scan([await shop.layout('clean'), '--policy', policy]);
    expect(ended).toMatchObject({ code: 2, out: '' });
    expect(ended.err).toMatch(/broken\.rego:3:\d+: rego_type_error/);
  });
});
