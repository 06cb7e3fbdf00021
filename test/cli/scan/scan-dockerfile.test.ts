import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { check, command, DIGEST, MINUTES, programs, scan, trivyOnPath } from './dockerfiles';
import { expectSarif } from './sarif-schema';
import { newFolder } from '../init/generated';

let trivyPath = '';
beforeAll(async () => {
  trivyPath = await trivyOnPath();
}, MINUTES);

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

  test(
    'a comment turns no check off, and is told',
    async () => {
      const ignored = [
        '# trivy:ignore:*\nRUN apt-get update',
        '# tfsec:ignore:*\nRUN apt-get update',
        'RUN apt-get update # trivy:ignore:DS-0017',
        '#trivy:ignore:AVD-DS-0017\nRUN apt-get update',
        '# trivy:exp:2099-01-01:ignore:DS-0017\nRUN apt-get update',
      ];
      const { code, findings } = await scan(trivyPath, `${GOOD}${ignored.join('\n')}\n`);
      const each = (finding: string) => findings.filter(found => found === finding);
      expect(code).toBe(1);
      expect(each('trivy refused DS-0017')).toHaveLength(ignored.length);
      expect(each('trusted-images warned ignore-comment')).toHaveLength(ignored.length);
    },
    MINUTES,
  );

  test(
    'what Trivy finds and we do not look for is refused too',
    async () => {
      expect(await scan(trivyPath, GOOD.replace('USER', 'RUN sudo ls\nUSER'))).toEqual({
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
        err: `error: ${file} is not a file; write the Dockerfile to a file, and name that\n`,
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
      const said = `error: ${option} does not go with --dockerfile, allowed: --target, --build-arg, --json, --sarif and --trivy\n`;
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
