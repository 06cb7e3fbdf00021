import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { blocksOf, page, PAGES } from './markdown';
import { synthesise } from './run-block';
import { ExitCode } from '../../cli/shell/exit-code';
import { runCli } from '../cli/run-cli';

const FILE = 'docs/emergency.md';
const text = page(FILE);
const blocks = blocksOf({ file: FILE, text });
const inLanguage = (wanted: string) => blocks.filter(({ language }) => language === wanted);

test.each(inLanguage('ts').map(block => [`${FILE}:${block.line}`, block] as const))(
  '%s is synthesised',
  (_, block) => {
    expect(synthesise(block)).toBeDefined();
  },
);

interface Policy {
  readonly Type: string;
  readonly Properties: { PolicyDocument?: { Statement: { Action: string | string[] }[] }; Roles?: unknown[] };
}

/** What the policies whose logical id begins with `OnCall` allow. */
function rightsOnCall(code: string): string[] {
  const template = synthesise(inLanguage('ts').find(block => block.code.includes(code))!);
  const { Resources } = template as { Resources: Record<string, Policy> };
  return Object.entries(Resources)
    .filter(([id, { Type }]) => id.startsWith('OnCall') && /Policy$/.test(Type))
    .flatMap(([, { Properties }]) => Properties.PolicyDocument!.Statement.flatMap(({ Action }) => Action))
    .sort();
}

/** Granting, ending and listing, of a trust that is found by its stack. */
const OF_THE_COMMANDS = [
  'cloudformation:DescribeStacks',
  'cloudformation:GetTemplate',
  'cloudformation:ListStackResources',
  'dynamodb:Scan',
  'lambda:GetFunctionUrlConfig',
  'lambda:InvokeFunction',
  'lambda:InvokeFunctionUrl',
];

test('the role, and the policy for IAM Identity Center, may do what the commands do, and nothing else', () => {
  const ofWaivers = rightsOnCall('new Role').filter(action => action.startsWith('s3:'));
  expect(ofWaivers).toContain('s3:PutObject');
  expect(rightsOnCall('new Role')).toEqual([...OF_THE_COMMANDS, ...ofWaivers].sort());
  expect(rightsOnCall('new ManagedPolicy')).toEqual(OF_THE_COMMANDS);
});

test('every command has the flags that are shown', async () => {
  const commands = inLanguage('sh').flatMap(({ code }) =>
    [...code.replace(/\\\n/g, '').matchAll(/npx cdk-trusted-images (break-glass \w+|\w+) (.*)/g)].map(
      ([, name, flags]) => ({ name: name!, flags: [...flags!.matchAll(/--[a-z-]+/g)].map(([flag]) => flag) }),
    ),
  );
  expect(commands.length).toBeGreaterThan(4);
  for (const { name, flags } of commands) {
    const { code, out } = await runCli([...name.split(' '), '--help']);
    expect({ code, missing: flags.filter(flag => !out.includes(flag)) }).toEqual({ code: 0, missing: [] });
  }
});

test('what waits for its next deployment: what could not be asked is not called untrusted', () => {
  const { code } = inLanguage('sh').find(block => block.code.includes('list-functions'))!;
  const digest = (name: string) => `host/${name}@sha256:1`;
  const said = inStubs(
    {
      aws: `case "$*" in *list-functions*) printf 'good\\nbad\\nlost\\ntagged\\n' ;; *tagged*) printf 'host/tagged:v1\\t%s\\n' ${digest('good')} ;; *good*) echo '${digest('good')} ${digest('good')}' ;; *bad*) echo '${digest('bad')} ${digest('bad')}' ;; *) echo '${digest('lost')} ${digest('lost')}' ;; esac`,
      npx: `case "$*" in *good*) exit ${ExitCode.trusted} ;; *bad*) exit ${ExitCode.refused} ;; *) exit ${ExitCode.indeterminate} ;; esac`,
    },
    code,
  );
  expect(said.trim().split('\n')).toEqual([
    `bad is not trusted: ${digest('bad')}`,
    `lost: not known, see the error: ${digest('lost')}`,
    'tagged has a tag: host/tagged:v1',
  ]);
});

test('only this page lists the ways out: the others link them', () => {
  const filesWith = (wanted: RegExp) => PAGES.filter(each => wanted.test(each.text)).map(({ file }) => file);
  expect(filesWith(/emergency\.md#ways-out/)).toEqual(
    expect.arrayContaining(['docs/start.md', 'docs/production.md', 'docs/operations.md']),
  );
  const listing = filesWith(/\|[^|\n]*break-glass grant\][^|\n]*\|[^\n]*seconds/);
  expect(listing).toEqual([FILE]);
});

/** Runs a script where these programs are others. */
function inStubs(programs: Record<string, string>, script: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'emergency-'));
  try {
    for (const [name, body] of Object.entries(programs)) {
      writeFileSync(join(folder, name), `#!/bin/sh\n${body}\n`);
      chmodSync(join(folder, name), 0o755);
    }
    return execFileSync('sh', ['-c', script], {
      encoding: 'utf8',
      env: { PATH: `${folder}:${process.env.PATH}` },
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
