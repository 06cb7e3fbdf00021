import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { stringify } from 'yaml';
import { ImagePolicy, PolicyFile, WaiverSource } from '../../src';
import { readPolicyFile } from '../../src/core/policy/policy-file';
import { readPolicySet } from '../../src/core/policy/policy-set';
import { readWaivers } from '../../src/core/waivers/read-waivers';
import { renderPolicies } from '../../src/policy/repository-policy';
import { policyFiles } from '../../src/runtime/policy-files';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'policy-file-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string): string {
  const file = join(folder, name);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, text);
  return file;
}

/** As the command line reads it. */
function inCli(file: string) {
  const content = readPolicyFile(readFileSync(file, 'utf8'), {
    file,
    read: policyFiles(file),
    check: () => [],
    now: new Date(),
  });
  if (!content.ok) throw new Error(content.error.join('\n'));
  return content.value;
}

/** As what runs reads what a stack deploys. */
function inStack(file: string) {
  const { policy, repositoryPolicies } = PolicyFile.load(file);
  const set = readPolicySet(renderPolicies(policy, repositoryPolicies));
  if (!set.ok) throw new Error(set.error.join('\n'));
  return set.value;
}

const severities = fc.uniqueArray(fc.constantFrom('CRITICAL', 'HIGH', 'MEDIUM', 'LOW', 'UNKNOWN'), {
  minLength: 1,
});
const action = fc.option(fc.constantFrom('deny', 'warn'), { nil: undefined });
const rule = fc.oneof(
  fc.record(
    {
      rule: fc.constant('vulnerabilities'),
      action,
      severities,
      onlyFixed: fc.boolean(),
      scoreAtLeast: fc.integer({ min: 0, max: 10 }),
    },
    { requiredKeys: ['rule'] },
  ),
  fc.record({ rule: fc.constant('misconfigurations'), action, severities }, { requiredKeys: ['rule'] }),
  fc.record({
    rule: fc.constant('licenses'),
    action,
    forbidden: fc.array(fc.constantFrom('AGPL*', 'GPL-3.0'), { minLength: 1, maxLength: 3 }),
  }),
  fc.record({ rule: fc.constant('image-age'), action, maxDays: fc.integer({ min: 1, max: 3650 }) }),
  fc.record({ rule: fc.constantFrom('secrets', 'runs-as-root', 'end-of-life-os'), action }),
  fc.record({ rule: fc.constant('database-age'), maxHours: fc.integer({ min: 1, max: 999 }) }),
  fc.record({
    rule: fc.constant('allowed-base-images'),
    allowed: fc.constant([
      { name: 'docker.io/library/debian:*' },
      { title: 'a', diffIds: [`sha256:${'a'.repeat(64)}`] },
    ]),
  }),
);
const policy = fc.record(
  {
    extends: fc.constantFrom('standard', 'strict', 'audit'),
    name: fc.stringMatching(/^[a-z]{1,20}$/),
    maxAgeHours: fc.integer({ min: 1, max: 720 }),
    without: fc.constant(['runs-as-root']),
    rules: fc.array(rule, { maxLength: 5 }),
  },
  { requiredKeys: ['extends'] },
);
const document = fc.record(
  {
    version: fc.constant(1),
    policy,
    repositoryPolicies: fc.array(
      fc.record({
        repositories: fc.array(
          fc.oneof(
            fc.constantFrom('team/', 'a').map(prefix => ({ prefix })),
            fc.constantFrom('team/app', 'b/c').map(name => ({ name })),
          ),
          { minLength: 1, maxLength: 3 },
        ),
        policy,
      }),
      { maxLength: 3 },
    ),
  },
  { requiredKeys: ['version', 'policy'] },
);

test('the same file is the same policies in the stack and on the command line', () => {
  fc.assert(
    fc.property(document, content => {
      const file = write('trusted-images.yaml', stringify(content, { aliasDuplicateObjects: false }));
      expect(inStack(file)).toEqual(JSON.parse(JSON.stringify(inCli(file).set)));
    }),
    { numRuns: 60 },
  );
});

const REGO = 'package a\nimport rego.v1\ndeny contains "too old" if input.Metadata.OS.Name == "1"\n';

test('also its Rego, compiled when the app is synthesised', () => {
  write('rego/a.rego', REGO);
  write('rego/deep/b.rego', 'package b\nimport rego.v1\nwarn contains "b" if false\n');
  write('rego/a_test.rego', 'this is no Rego');
  const file = write(
    'trusted-images.yaml',
    'version: 1\npolicy: { extends: standard, rules: [{ rule: rego, files: [rego/] }] }\n',
  );
  expect(inStack(file)).toEqual(JSON.parse(JSON.stringify(inCli(file).set)));
  expect(inStack(file).default.rules.at(-1)).toMatchObject({
    rule: 'rego',
    modules: [{ name: 'rego/a.rego', source: REGO }, { name: 'rego/deep/b.rego' }],
  });
  write('rego/a.rego', REGO.replace('input.Metadata', 'input.Meta'));
  expect(() => PolicyFile.load(file)).toThrow(
    /^the policy file is not valid:\n.*\/rego\/a\.rego:3:\d+: rego_type_error: undefined ref/,
  );
});

const WAIVER = {
  id: 'CVE-2024-0001',
  repositories: ['team/app'],
  owner: 'someone@example.com',
  reason: 'nobody calls what is vulnerable here',
};
const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

test('also its waivers, of whichever format', () => {
  write('waivers.yaml', stringify({ version: 1, waivers: [{ ...WAIVER, expires: inDays(20) }] }));
  write('.trivyignore', 'CVE-2024-0002\n');
  const { owner, reason, repositories } = WAIVER;
  const file = write(
    'trusted-images.yaml',
    stringify({
      version: 1,
      policy: { extends: 'standard' },
      maxWaiverLifeDays: 30,
      waivers: [
        { file: 'waivers.yaml' },
        { file: '.trivyignore', defaults: { owner, reason, repositories, expires: inDays(10) } },
      ],
    }),
  );
  const { waivers, maxWaiverLife } = PolicyFile.load(file);
  expect(maxWaiverLife.toDays()).toBe(30);
  const deployed = readWaivers(waivers._read(maxWaiverLife)!.text, {
    file: 'waivers.yaml',
    maxLifeDays: 30,
    now: new Date(),
  });
  expect(deployed).toEqual({ ok: true, value: [...inCli(file).waivers] });
});

test('a file without waivers leaves them to the bucket', () => {
  const { waivers, maxWaiverLife } = PolicyFile.load(
    write('trusted-images.yaml', 'version: 1\npolicy: { extends: strict }\n'),
  );
  expect(waivers).toEqual(WaiverSource.inBucket());
  expect(maxWaiverLife.toDays()).toBe(90);
});

describe('ImagePolicy.fromFile', () => {
  test('is the default policy of a file', () => {
    const file = write(
      'trusted-images.yaml',
      'version: 1\npolicy: { extends: strict, without: [secrets] }\n',
    );
    expect(ImagePolicy.fromFile(file)._render()).toBe(ImagePolicy.strict().without('secrets')._render());
  });

  test('takes no file that has more, since that would be dropped in silence', () => {
    const file = write(
      'trusted-images.yaml',
      'version: 1\npolicy: { extends: strict }\nrepositoryPolicies: [{ repositories: [{ prefix: a/ }], policy: { extends: standard } }]\n',
    );
    expect(() => ImagePolicy.fromFile(file)).toThrow(
      /has policies for some repositories, allowed: one policy; use PolicyFile\.load\(\)/,
    );
  });

  test('says what is wrong, with its place', () => {
    expect(() => ImagePolicy.fromFile(write('a.yaml', 'version: 1\npolicy: { extends: lax }\n'))).toThrow(
      /a\.yaml:2:11: extends is "lax", allowed: standard, strict, audit/,
    );
  });
});
