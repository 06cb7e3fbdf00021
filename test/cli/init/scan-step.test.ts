import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MINUTES, openTerminal, type Terminal } from './desk';
import { fileOf, newFolder, type System } from './generated';
import type { ZooName } from '../../../local/images/zoo/zoo';

let terminal: Terminal;
beforeAll(async () => {
  terminal = await openTerminal();
}, MINUTES);

/** What GitHub, GitLab or CodeBuild hands to its shell. */
const SCAN_STEPS: Record<System, (yaml: any) => string> = {
  github: ({ jobs }) =>
    `GITHUB_OUTPUT=output\n${jobs.scan.steps.find(({ name }: any) => name === 'Scan').run}`,
  gitlab: ({ scan, policy }) => [...scan.script, ...policy.script].join('\n'),
  codepipeline: ({ phases }) =>
    [
      ...phases.build.commands.filter((command: string) => / scan |^SCANNED_DIGEST=/.test(command)),
      'echo "$SCANNED_DIGEST" > output',
    ].join('\n'),
};
const DIGESTS: Record<System, string> = {
  github: 'output',
  gitlab: 'trusted-images.digest',
  codepipeline: 'output',
};

/** Runs the scan of a pipeline as it was written. */
async function scanStep(system: System, image: ZooName, files: Record<string, string> = {}) {
  const folder = newFolder(files);
  const { yaml } = await fileOf(system, [], folder);
  const ended = await terminal.run(folder, SCAN_STEPS[system](yaml), image);
  const read = (file: string) => readFileSync(join(folder, file), 'utf8');
  return { ...ended, read, sarif: () => JSON.parse(read('trusted-images.sarif')) };
}

describe.each(['github', 'gitlab', 'codepipeline'] as const)('on %s', system => {
  test(
    'an image that would pass goes on',
    async () => {
      const { code, stdout, stderr, read, sarif } = await scanStep(system, 'clean');
      expect([code, stderr]).toEqual([0, '']);
      expect(stdout).toMatch(/^PASS .*\n.*\n {2}judged as an image of team\/app by the standard policy/);
      expect(sarif()).toMatchObject({ version: '2.1.0', runs: [{ results: [] }] });
      expect(read(DIGESTS[system]).trim().replace('digest=', '')).toBe(
        JSON.parse(read('image/index.json')).manifests[0].digest,
      );
    },
    MINUTES,
  );

  test(
    'an image that would be refused ends the pipeline, and its findings are kept',
    async () => {
      const { code, stdout, sarif } = await scanStep(system, 'fixable-critical');
      expect(code).toBe(1);
      expect(stdout).toMatch(/^FAIL /);
      expect(sarif().runs[0].results.length).toBeGreaterThan(0);
    },
    MINUTES,
  );

  test(
    'an image that cannot be judged ends it too',
    async () => {
      const { code, stdout } = await scanStep(system, 'helm-chart');
      expect([code, stdout.split('  ')[0]]).toEqual([2, 'INDETERMINATE']);
    },
    MINUTES,
  );
});

test(
  'the policy of the folder is the one that judges',
  async () => {
    const policy = 'version: 1\npolicy:\n  name: lenient\n  rules:\n    - rule: secrets\n';
    const { code, stdout, stderr } = await scanStep('github', 'fixable-critical', {
      'trusted-images.yaml': policy,
    });
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('by the policy of trusted-images.yaml (lenient)');
  },
  MINUTES,
);
