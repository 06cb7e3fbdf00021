import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureTrivy } from '../../../local/tools/trivy';
import { newFolder } from '../init/generated';
import { runCli, type Ended } from '../run-cli';
import { expectSarif } from '../scan/sarif-schema';

const MINUTES = 10 * 60_000; // for the first time, in which Trivy is built
const DIGEST = `sha256:${'ab'.repeat(32)}`;
const LANGUAGES = ['node', 'python', 'go', 'java'] as const;

/** Programs that stand on PATH in place of those that ask a registry. */
function programs(scripts: Readonly<Record<string, string>>): string {
  const folder = newFolder();
  for (const [name, script] of Object.entries(scripts)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  return folder;
}

function command(args: readonly string[], folder: string, PATH = ''): Promise<Ended> {
  return runCli(args, folder, { environment: { PATH }, now: () => new Date('2026-01-02T03:04:05Z') });
}

function check(
  folder: string,
  PATH: string,
  more: readonly string[] = [],
  file = 'Dockerfile',
): Promise<Ended> {
  return command(['scan', '--dockerfile', file, ...more], folder, PATH);
}

const CRANE = { crane: `echo ${DIGEST}` };
const init = (language: string, folder: string, PATH = programs(CRANE), ...more: string[]) =>
  command(['init', 'dockerfile', '--language', language, ...more], folder, PATH);
const textIn = (folder: string) => readFileSync(join(folder, 'Dockerfile'), 'utf8');

let trivyPath = '';
beforeAll(async () => {
  trivyPath = newFolder();
  symlinkSync(await ensureTrivy(() => undefined), join(trivyPath, 'trivy'));
}, MINUTES);

interface Told {
  readonly outcome: string;
  readonly findings: readonly { readonly rule: string; readonly level: string; readonly by: string }[];
}

/** The exit code, and who found what. */
async function scan(text: string) {
  const folder = newFolder({ Dockerfile: text });
  const { code, out } = await check(folder, trivyPath, ['--json', '-']);
  const { findings } = JSON.parse(out) as Told;
  return { code, findings: findings.map(({ rule, level, by }) => `${by} ${level} ${rule}`) };
}

describe.each(LANGUAGES)('the Dockerfile for %s', language => {
  let text = '';
  beforeAll(async () => {
    const folder = newFolder();
    const { code, err } = await init(language, folder);
    expect([code, err]).toEqual([0, expect.stringContaining('wrote Dockerfile and .dockerignore')]);
    text = textIn(folder);
  });

  test(
    'passes our checks and those of Trivy',
    async () => {
      expect(await scan(text)).toEqual({ code: 0, findings: [] });
    },
    MINUTES,
  );

  test(
    'is refused without USER',
    async () => {
      expect(await scan(text.replace(/^USER .*\n/m, ''))).toEqual({
        code: 1,
        findings: ['trusted-images refused runs-as-root'],
      });
    },
    MINUTES,
  );

  test(
    'is refused without the digests',
    async () => {
      expect(await scan(text.replaceAll(`@${DIGEST}`, ''))).toEqual({
        code: 1,
        findings: Array(2).fill('trusted-images refused unpinned-image'),
      });
    },
    MINUTES,
  );

  test(
    'is refused with a secret',
    async () => {
      expect(await scan(text.replace(/^USER/m, 'ENV DB_PASSWORD=hunter2\nUSER'))).toEqual({
        code: 1,
        findings: ['trusted-images refused secret'],
      });
    },
    MINUTES,
  );
});

describe('init dockerfile', () => {
  test('asks docker where there is no crane', async () => {
    const folder = newFolder();
    const { code } = await init(
      'go',
      folder,
      programs({ docker: `echo "Name: x"; echo "Digest:    ${DIGEST}"` }),
    );
    expect([code, textIn(folder).split(`@${DIGEST}`).length]).toEqual([0, 3]);
  });

  test.each([
    ['nobody who could ask', {}],
    ['a registry that refuses', { crane: 'echo denied >&2; exit 1' }],
    ['an answer that is no digest', { crane: 'echo sha256:abc' }],
  ])('writes nothing with %s', async (_, scripts) => {
    const folder = newFolder();
    expect((await init('go', folder, programs(scripts))).code).toBe(2);
    expect(() => textIn(folder)).toThrow('ENOENT');
  });

  test('takes an image with its digest as it is, and asks nobody', async () => {
    const folder = newFolder();
    const { code } = await init('python', folder, '', '--base', `example.com/python:3@${DIGEST}`);
    expect([code, textIn(folder).match(/^FROM .*$/gm)]).toEqual([
      0,
      [`FROM example.com/python:3@${DIGEST} AS build`, `FROM example.com/python:3@${DIGEST}`],
    ]);
  });

  test.each([
    ['cobol', []],
    ['constructor', []],
    ['go', ['--base', 'a']],
    ['go', ['--base', 'a:latest']],
    ['go', ['--base', 'a b:1']],
  ])('refuses %s %j', async (language, more) => {
    expect((await init(language, newFolder(), programs(CRANE), ...more)).code).toBe(64);
  });

  test('overwrites nothing unless it is told to', async () => {
    const folder = newFolder({ '.dockerignore': 'mine\n' });
    expect((await init('go', folder)).code).toBe(64);
    expect(readFileSync(join(folder, '.dockerignore'), 'utf8')).toBe('mine\n');
    expect((await init('go', folder, programs(CRANE), '--force')).code).toBe(0);
    expect(readFileSync(join(folder, '.dockerignore'), 'utf8')).toContain('**/.env');
  });
});

describe('scan --dockerfile', () => {
  const GOOD = `FROM a:1@${DIGEST}\nUSER 1000\nHEALTHCHECK NONE\n`;
  const UNPINNED = 'FROM a:1\nUSER 1000\nHEALTHCHECK NONE\n';

  test(
    'tells people where and how',
    async () => {
      const { code, out } = await check(newFolder({ Dockerfile: UNPINNED }), trivyPath);
      expect([code, out]).toEqual([
        1,
        expect.stringMatching(
          /^Dockerfile:1: refused unpinned-image: .*\n {4}write a:1@sha256:<digest>.*\nDockerfile: refused \(1 refused\)\n$/,
        ),
      ]);
    },
    MINUTES,
  );

  test(
    'writes JSON and SARIF',
    async () => {
      const folder = newFolder({ 'an image/Dockerfile': UNPINNED });
      const { out } = await check(
        folder,
        trivyPath,
        ['--json', 'a.json', '--sarif', 'a.sarif'],
        'an image/Dockerfile',
      );
      const read = (name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8'));
      expect(out).toContain('refused unpinned-image');
      expect(read('a.json')).toMatchObject({
        version: 1,
        file: 'an image/Dockerfile',
        outcome: 'FAIL',
        findings: [{ rule: 'unpinned-image', line: 1 }],
      });
      expectSarif(read('a.sarif'));
      const location = {
        physicalLocation: { artifactLocation: { uri: 'an%20image/Dockerfile' }, region: { startLine: 1 } },
      };
      expect(read('a.sarif')).toMatchObject({
        version: '2.1.0',
        runs: [{ results: [{ ruleId: 'unpinned-image', level: 'error', locations: [location] }] }],
      });
    },
    MINUTES,
  );

  test(
    "a folder's own settings of Trivy change nothing",
    async () => {
      const folder = newFolder({
        Dockerfile: `${GOOD}RUN apt-get update\n`,
        '.trivyignore': 'DS-0017\n',
        'trivy.yaml': 'severity: [LOW]\n',
      });
      expect((await check(folder, trivyPath)).out).toContain('Trivy DS-0017');
    },
    MINUTES,
  );

  test.each([
    ['# trivy:ignore:*\nRUN apt-get update'],
    ['# tfsec:ignore:*\nRUN apt-get update'],
    ['RUN apt-get update # trivy:ignore:DS-0017'],
    ['#trivy:ignore:AVD-DS-0017\nRUN apt-get update'],
    ['# trivy:exp:2099-01-01:ignore:DS-0017\nRUN apt-get update'],
  ])(
    '%j turns no check off, and is told',
    async lines => {
      expect(await scan(`${GOOD}${lines}\n`)).toEqual({
        code: 1,
        findings: expect.arrayContaining(['trusted-images warned ignore-comment', 'trivy refused DS-0017']),
      });
    },
    MINUTES,
  );

  test(
    'what Trivy finds and we do not look for is refused too',
    async () => {
      expect(await scan(GOOD.replace('USER', 'RUN sudo ls\nUSER'))).toEqual({
        code: 1,
        findings: ['trivy refused DS-0010'],
      });
    },
    MINUTES,
  );

  test(
    'is indeterminate without Trivy, without an answer of it, without the file, or of what cannot be read',
    async () => {
      const folder = newFolder({ Dockerfile: GOOD, Other: 'FORM a\n', Large: '#'.repeat(1024 * 1024 + 1) });
      const runs = [
        await check(folder, ''),
        await check(folder, trivyPath, ['--trivy', './trivy']),
        await check(folder, programs({ trivy: 'exit 1' })),
        await check(folder, programs({ trivy: 'echo "{}"' })),
        await check(folder, programs({ trivy: '[ "$1" != version ] || echo \'{"Version":"0.74.0"}\'' })),
        await check(folder, trivyPath, ['--json', 'missing/a.json']),
        ...(await Promise.all(['missing', 'Other', 'Large'].map(file => check(folder, trivyPath, [], file)))),
      ];
      expect(runs).toEqual(runs.map(() => ({ code: 2, out: expect.any(String), err: expect.any(String) })));
      for (const { out, err } of runs) expect(out + err).not.toMatch(/\n {4}at /);
    },
    MINUTES,
  );

  test('takes the Trivy that judges images, and no other', async () => {
    const folder = newFolder({ Dockerfile: GOOD });
    for (const version of ['0.73.0', '1.0.0', 'dev']) {
      const { code, err } = await check(folder, programs({ trivy: `echo '{"Version":"${version}"}'` }));
      expect([code, err]).toEqual([
        2,
        expect.stringMatching(
          /^error: Trivy is ".*", allowed: from 0\.74\.0, below 1\.0\.0; install it: \S+.*\n$/,
        ),
      ]);
    }
  });

  test('takes files only', async () => {
    const folder = newFolder();
    mkdirSync(join(folder, 'folder'));
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    for (const file of ['folder', 'pipe', '/dev/null']) {
      expect(await check(folder, trivyPath, [], file)).toEqual({
        code: 64,
        out: '',
        err: `error: ${file} is no file; write it to one, and name that\n`,
      });
    }
  });

  test('does not print two documents', async () => {
    expect(
      (await check(newFolder({ Dockerfile: GOOD }), trivyPath, ['--json', '-', '--sarif', '-'])).code,
    ).toBe(64);
  });

  test(
    'takes the Trivy that is named',
    async () => {
      const folder = newFolder({ Dockerfile: UNPINNED });
      expect(await check(folder, '', ['--trivy', join(trivyPath, 'trivy')])).toMatchObject({
        code: 1,
        err: '',
      });
    },
    MINUTES,
  );

  test('takes nothing that it would not look at', async () => {
    const folder = newFolder({ Dockerfile: GOOD });
    for (const option of ['--policy', '--severity', '--sbom', '--timeout', '--cache-dir']) {
      const said = `error: ${option} does not go with --dockerfile, allowed: --target, --json, --sarif and --trivy\n`;
      expect(await check(folder, trivyPath, [option, 'x'])).toEqual({ code: 64, out: '', err: said });
    }
  });

  test.each([
    [['scan']],
    [['scan', 'image', '--dockerfile', 'Dockerfile']],
    [['scan', 'image', '--target', 'a']],
  ])('%j is wrong', async args => {
    expect((await command(args, newFolder())).code).toBe(64);
  });
});
