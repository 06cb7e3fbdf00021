import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dryRun, told } from '../../local/release/dry-run';
import type { Target } from '../../local/release/targets';

const TARGET: Target = {
  language: 'java',
  registry: 'Maven Central',
  name: 'group:artifact',
  tool: ['node', '--version'],
  pack: async folder => {
    mkdirSync(join(folder, 'java'));
    writeFileSync(join(folder, 'java', 'a.jar'), '');
  },
  synthesise: async (_folder, out) => {
    const Resources = { A: { Type: 'AWS::S3::Bucket' } };
    writeFileSync(join(out, 'Stack.template.json'), JSON.stringify({ Resources }));
  },
};

test('a language is packed, installed and synthesised', async () => {
  const outcome = await dryRun(TARGET);
  expect(outcome).toMatchObject({ files: ['a.jar'], synthesised: ['AWS::S3::Bucket'] });
  expect(outcome.whyNotPacked).toBeUndefined();
  expect(told(outcome)).toMatch(/^Maven Central: group:artifact \S+\n {4}packed, installed, .*\n {4}a\.jar$/);
});

test.each([
  ['what is packed is wrong', { pack: () => Promise.reject(new Error('3 errors in A.java')) }, '3 errors'],
  ['nothing is packed', { pack: async folder => void mkdirSync(join(folder, 'java')) }, 'nothing is packed'],
  [
    'the quickstart does not run',
    { synthesise: () => Promise.reject(new Error('no class A')) },
    'no class A',
  ],
] satisfies [string, Partial<Target>, string][])('it fails when %s', async (_why, change, reason) => {
  await expect(dryRun({ ...TARGET, ...change })).rejects.toThrow(reason);
});

test('a language whose compiler is missing, or whose packages are out of reach, says that it is not installed, and why', () => {
  const outcome = { language: 'go', registry: 'Go', name: 'module', files: ['a.go'] };
  const refused = told({ ...outcome, whyNotPacked: 'go: a@v1: 403 Forbidden' });
  expect(refused).toContain('neither packed nor installed here: go: a@v1: 403 Forbidden');
  expect(told(outcome)).toContain('packed, not installed: nobody wrote a quickstart in this language');
});
