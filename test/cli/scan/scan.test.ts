import { rmSync } from 'node:fs';
import { WITHOUT_MISCONFIG, Workshop, type Ended } from './workshop';
import { EXPECTED } from '../../../local/demo/expected';
import { zooImage, type ZooName } from '../../../local/images/zoo/zoo';
import { contentOf, type Verdict } from '../../../src/core/evidence/verdict';
import { evaluateRecorded, verdictOf } from '../../core/support/made';

interface Answer {
  readonly ended: Ended;
  readonly json: { readonly images: readonly Verdict[]; readonly outcome: string };
}

let shop: Workshop;
const answers = new Map<ZooName, Promise<Answer>>();
beforeAll(async () => {
  shop = await Workshop.open();
}, 600_000);
afterAll(() => shop.close());
jest.setTimeout(120_000);

/**
 * For people and in JSON, of one scan by the published file with no other option. It is made when a test
 * first asks for it.
 */
function answerOf(image: ZooName): Promise<Answer> {
  const known = answers.get(image) ?? scanWithJson(image);
  answers.set(image, known);
  return known;
}

async function scanWithJson(image: ZooName): Promise<Answer> {
  const ended = await shop.scanAsPublished([await shop.layout(image), '--json', shop.path(`${image}.json`)]);
  return { ended, json: JSON.parse(shop.read(`${image}.json`)) as Answer['json'] };
}

const CODES = { PASS: 0, FAIL: 1, ERROR: 2 } as const;

describe('the images of the demo end as they end in the cloud', () => {
  test.each(EXPECTED.map(({ image, outcome }) => [image, outcome] as const))(
    '%s: %s',
    async (image, outcome) => {
      const { ended } = await answerOf(image);
      expect(ended).toMatchObject({ code: CODES[outcome], err: '' });
      expect(ended.out).toMatch(
        { PASS: /^PASS {2}/, FAIL: /^FAIL {2}/, ERROR: /^INDETERMINATE {2}/ }[outcome],
      );
    },
  );
});

test.each([
  'missing-blob',
  'broken-corrupt-layer',
  'scratch',
  'layer-with-urls',
  'no-packages',
  'unknown-os-release',
] as const)('%s: nobody can tell', async image => {
  expect(await shop.scan([await shop.layout(image)])).toMatchObject({ code: 2, err: '' });
});

/** Each of a real report that was recorded from a registry. */
test.each([
  'clean',
  'fixable-critical',
  'secret-deleted-later',
  'root',
  'alpine-eol',
  'unfixed-only',
] as const)('%s: the verdict is that of evaluate over its report', async name => {
  const {
    json: {
      images: [image],
      outcome,
    },
  } = await answerOf(name);
  const expected = verdictOf(evaluateRecorded(name));
  expect(outcome).toBe(expected.outcome);
  expect(contentOf(image!)).toBe(contentOf(expected));
  expect({ counts: image!.counts, rules: image!.rules }).toEqual({
    counts: expected.counts,
    rules: expected.rules,
  });
});

test('a refusal names the rule, what was found, and what to do', async () => {
  const { out } = (await answerOf('fixable-critical')).ended;
  expect(out).toMatch(
    /\nvulnerabilities: 1\n {2}CRITICAL CVE-2021-44906 in minimist 0\.0\.8 \(app\/node_modules\/minimist\/package\.json\): .*\n {4}-> upgrade minimist to /,
  );
  expect(out).toContain('A grace period may apply in the registry');
});

test('rule 5.9, what was scanned is what runs: each image of an index is looked at by itself, and one that lies about its layers is not read', async () => {
  const { out } = (await answerOf('decoy')).ended;
  expect(out).toMatch(/UNSCANNABLE in linux\/s390x: layer 3 .* its diff_id is /);
  expect(out).toMatch(/CVE-2021-44906 .* \[linux\/amd64\]/);
});

describe('what nobody can tell is 2, and says what to do', () => {
  test('without Trivy', async () => {
    const ended = await shop.run(['scan', await shop.layout('clean')], { PATH: '/nowhere' });
    expect(ended).toMatchObject({ code: 2, out: '' });
    expect(ended.err).toMatch(
      /^error: there is no Trivy at "trivy", required: 0\.74\.0 or newer; install it: [^\n]+\n$/,
    );
  });

  test.each([
    ['0.73.9', 'allowed: from 0.74.0, below 1.0.0'],
    ['1.0.0', 'allowed: from 0.74.0'],
    ['0.74.0-rc1', 'allowed'],
    ['dev', 'allowed'],
  ])('with Trivy %s', async (version, why) => {
    const trivy = shop.write('old-trivy', `#!/bin/sh\necho '{"Version":"${version}"}'\n`, 0o755);
    const ended = await shop.scan([await shop.layout('clean'), '--trivy', trivy]);
    expect(ended).toMatchObject({ code: 2, out: '' });
    expect(ended.err).toContain(why);
  });

  test('with something else of that name', async () => {
    const trivy = shop.write('no-trivy', '#!/bin/sh\necho hello\n', 0o755);
    expect((await shop.scan([await shop.layout('clean'), '--trivy', trivy])).err).toMatch(
      /does not answer like Trivy/,
    );
  });

  test('without a database: by which command it is downloaded', async () => {
    const ended = await shop.scan([
      await shop.layout('clean'),
      '--cache-dir',
      shop.path('no-cache'),
      '--db-repository',
      'localhost:1/trivy-db:2',
    ]);
    expect(ended.code).toBe(2);
    expect(ended.out).toContain('DATABASE_UNAVAILABLE');
    expect(ended.out).toContain(
      `-> download the database: trivy image --download-db-only --cache-dir ${shop.path('no-cache')} --db-repository=localhost:1/trivy-db:2`,
    );
  });

  test('with a database that is too old: by which command a newer one is downloaded', async () => {
    const old = await Workshop.open({ updatedAt: new Date(Date.now() - 50 * 3_600_000) });
    const ended = await shop.scan([await shop.layout('clean'), '--cache-dir', old.cache]);
    old.close();
    expect(ended.code).toBe(2);
    expect(ended.out).toMatch(
      /DATABASE_STALE in linux\/amd64: the vulnerability database is of .*50 hours old; allowed: 48\n {2}-> download a newer database: trivy image --download-db-only/,
    );
  });

  test('with a jar and no Java database', async () => {
    const empty = await Workshop.open();
    rmSync(`${empty.cache}/java-db`, { recursive: true });
    const ended = await shop.scan([await shop.layout('log4shell'), '--cache-dir', empty.cache]);
    empty.close();
    expect(ended).toMatchObject({ code: 2 });
    expect(ended.out).toContain('--download-java-db-only');
  });

  test('when the time is up', async () => {
    const trivy = shop.write(
      'slow-trivy',
      '#!/bin/sh\n[ "$1" = version ] && echo \'{"Version":"0.74.0"}\' || exec sleep 60\n',
      0o755,
    );
    const ended = await shop.scan([await shop.layout('clean'), '--trivy', trivy, '--timeout', '1']);
    expect(ended).toMatchObject({ code: 2 });
    expect(ended.out).toContain('-> give Trivy longer with --timeout SECONDS');
  });
});

test.each([
  ['KILL', 137],
  ['TERM', 143],
  ['SEGV', 139],
])('Trivy that is ended by SIG%s expired of something else than time', async (signal, code) => {
  const trivy = shop.write(
    'dying-trivy',
    `#!/bin/sh\n[ "$1" = version ] && echo '{"Version":"0.74.0"}' || kill -${signal} $$\n`,
    0o755,
  );
  const ended = await shop.scan([await shop.layout('clean'), '--trivy', trivy]);
  expect(ended).toMatchObject({ code: 2, err: '' });
  expect(ended.out).toMatch(
    new RegExp(
      `\nSCANNER_CRASHED in linux/amd64: Trivy was ended by a signal \\(exit code ${code}\\).*\n  -> .*more memory`,
    ),
  );
});

describe('mistakes on the command line are 64, before anything is scanned', () => {
  test.each([
    ['--severity', 'BAD', /--severity is "BAD", allowed: one or more of CRITICAL,HIGH/],
    ['--scanners', 'vuln,license', /allowed: one or more of vuln,secret,misconfig/],
    ['--timeout', 'soon', /--timeout is "soon", allowed: whole seconds/],
    ['--repository', 'Team/App:1', /--repository is "Team\/App:1", allowed: the name of a repository/],
    ['--trust', 'Trust', /--trust goes with --from-stack only/],
    ['--sbom', '-', /--sbom is "-", allowed: a file/],
    ['--policy', 'gone.yaml', /the policy "gone\.yaml" cannot be read \(ENOENT\)/],
  ])('%s %s', async (option, value, message) => {
    const ended = await shop.scan([await shop.layout('clean'), option, value]);
    expect(ended).toMatchObject({ code: 64, out: '' });
    expect(ended.err).toMatch(message);
  });

  test('an image that is no name', async () => {
    expect(await shop.scan(['Not An Image'])).toMatchObject({ code: 64, out: '' });
  });
});

describe('--severity and --scanners', () => {
  test('a severity hides, and changes no outcome', async () => {
    const ended = await shop.scan([await shop.layout('fixable-critical'), '--severity', 'low']);
    expect(ended.code).toBe(1);
    expect(ended.out).not.toContain('CVE-2021-44906');
    expect(ended.out).toContain('and 1 more that refuses the image');
  });

  test('what is not looked for is never passed', async () => {
    const ended = await shop.scan([await shop.layout('clean'), '--scanners', 'vuln']);
    expect(ended.code).toBe(2);
    expect(ended.out).toMatch(
      /NOT_LOOKED_FOR: --scanners leaves out what these rules look at: secrets; nothing else is refused\n {2}-> leave out --scanners/,
    );
  });

  test('what would only warn is not passed either: it may be what is indeterminate', async () => {
    const policy = shop.write(
      'warns.yaml',
      'version: 1\npolicy: { name: warns, rules: [{ rule: secrets }, { rule: vulnerabilities, severities: [CRITICAL], action: warn }] }\n',
    );
    const ended = await shop.scan([
      await shop.layout('clean'),
      '--policy',
      policy,
      '--scanners',
      'secret',
      '--json',
      '-',
    ]);
    expect(ended.code).toBe(2);
    expect(JSON.parse(ended.out)).toMatchObject({
      outcome: 'ERROR',
      rulesNotAsked: ['vulnerabilities'],
      indeterminate: [{ cause: 'NOT_LOOKED_FOR' }],
    });
  });

  test('what is refused is refused', async () => {
    expect(await shop.scan([await shop.layout('fixable-critical'), '--scanners', 'vuln'])).toMatchObject({
      code: 1,
    });
    expect(
      await shop.scan([await shop.layout('secret-deleted-later'), '--scanners', 'secret']),
    ).toMatchObject({ code: 1 });
  });

  test('a policy that asks for nothing else passes', async () => {
    const policy = shop.write(
      'secrets.yaml',
      'version: 1\npolicy: { name: secrets only, rules: [{ rule: secrets }] }\n',
    );
    expect(
      await shop.scan([await shop.layout('fixable-critical'), '--scanners', 'secret', '--policy', policy]),
    ).toMatchObject({ code: 0 });
  });
});

test('nothing around changes what Trivy says', async () => {
  const image = await shop.layout('fixable-critical');
  shop.write('.trivyignore', 'CVE-2021-44906\n');
  const environment = {
    TRIVY_SEVERITY: 'LOW',
    TRIVY_IGNOREFILE: shop.path('.trivyignore'),
    TRIVY_SKIP_DIRS: '**',
    TRIVY_EXIT_CODE: '0',
  };
  expect(await shop.scanAsPublished([image, ...WITHOUT_MISCONFIG], environment)).toMatchObject({
    code: 1,
  });
});

test('a folder that is no layout, and one with two images', async () => {
  expect((await shop.scan([shop.folder])).err).toMatch(/is no OCI layout: it has no index\.json/);
  const image = await shop.layout('clean');
  const [
    {
      manifests: [one],
    },
    {
      manifests: [other],
    },
  ] = [await indexOf('clean'), await indexOf('root')];
  await rewrite('clean', [one, other]);
  const ended = await shop.scan([image]);
  expect(ended).toMatchObject({ code: 2, out: '' });
  expect(ended.err).toMatch(/names 2 images, allowed: 1/);
});

test('one image under two tags, as skopeo writes it, is one image', async () => {
  const {
    manifests: [one],
  } = await indexOf('fixable-critical');
  const tagged = ['v1', 'latest'].map(tag => ({
    ...one,
    annotations: { 'org.opencontainers.image.ref.name': tag },
  }));
  await rewrite('fixable-critical', tagged);
  expect(await shop.scan([shop.path('fixable-critical')])).toMatchObject({ code: 1, err: '' });
});

async function indexOf(image: ZooName): Promise<{ manifests: object[] }> {
  await shop.layout(image);
  return JSON.parse(shop.read(`${image}/index.json`)) as { manifests: object[] };
}

async function rewrite(image: ZooName, manifests: readonly (object | undefined)[]): Promise<void> {
  shop.write(`${image}/index.json`, JSON.stringify({ schemaVersion: 2, manifests }));
}

test('a layer whose bytes are not those of its digest', async () => {
  const image = await shop.layout('root');
  const { blobs } = await zooImage('root' satisfies ZooName);
  const layer = blobs.at(-1)!.descriptor.digest.replace('sha256:', '');
  const text = shop.read(`root/blobs/sha256/${layer}`);
  shop.write(`root/blobs/sha256/${layer}`, text.slice(1));
  const ended = await shop.scan([image]);
  expect(ended.code).toBe(2);
  expect(ended.out).toMatch(
    /UNSCANNABLE: layer \d \(sha256:[0-9a-f]{64}\): (?:hashes to|is larger|has \d+ bytes|gzip: )/,
  );
});
