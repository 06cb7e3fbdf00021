import { createHash } from 'node:crypto';
import { policyKey } from '../../../src/core/evidence/evidence-keys';
import { RegoRuntime } from '../../../src/runtime/rego-runtime';
import { readRego, type ReadRegoContext } from '../../../use-cases/policy/read-rego';
import { regoEngineFile } from '../../support/rego-engine';

const rego = new RegoRuntime(regoEngineFile);
const DECLARED = JSON.stringify({
  name: 'p',
  maxAgeHours: 72,
  rules: [{ rule: 'rego', action: 'deny', bucket: 'rules', prefix: 'policies/', data: { on: 1 } }],
});
const file = (text: string, versionId = '1') => ({ key: 'policies/a.rego', versionId, text });
const GOOD = file('package a\ndeny contains "no" if data.on == 1');

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** `stored`: what lies in the evidence bucket under the name of what is active. */
function context(
  files: () => ReturnType<ReadRegoContext['regoFiles']>,
  activePolicy?: string,
  stored = activePolicy,
): ReadRegoContext {
  return {
    regoFiles: files,
    check: program => rego.check(program),
    pointer: {
      current: async () =>
        activePolicy === undefined ? undefined : { revision: 1, sha256: sha256(activePolicy) },
    },
    evidence: {
      read: async key =>
        activePolicy !== undefined && key === policyKey(sha256(activePolicy))
          ? Buffer.from(stored!)
          : undefined,
    },
  };
}

test('the files that lie there now are compiled and stand in the document, with the version of each', async () => {
  const { document, rejected } = await readRego(
    DECLARED,
    context(async () => [GOOD]),
  );
  expect(rejected).toEqual([]);
  expect(JSON.parse(document).rules).toEqual([
    {
      rule: 'rego',
      action: 'deny',
      data: { on: 1 },
      modules: [{ name: 'policies/a.rego', source: GOOD.text }],
      from: { bucket: 'rules', prefix: 'policies/', versions: { 'policies/a.rego': '1' } },
    },
  ]);
});

const BROKEN: [string, () => ReturnType<ReadRegoContext['regoFiles']>, RegExp][] = [
  [
    'that do not compile',
    async () => [file('package a\n\ndeny contains')],
    /^s3:\/\/rules\/policies\/: policies\/a\.rego:3:\d+: rego_parse_error/,
  ],
  [
    'none of which refuses',
    async () => [file('package a\nwarn contains "x" if true')],
    /no deny or violation rule/,
  ],
  ['that are gone', async () => [], /there is no file that ends with \.rego/],
  [
    'that may not be read',
    async () => {
      throw Object.assign(new Error('no'), { name: 'AccessDenied' });
    },
    /AccessDenied: no/,
  ],
  ['that are empty', async () => [file('')], /modules\.0\.source/],
];

test.each(BROKEN)(
  'rule 4.9, re-evaluation: files %s: those of before still count, so that a deployment on its way back does not fail by them',
  async (_what, files, problem) => {
    const { document: before } = await readRego(
      DECLARED,
      context(async () => [GOOD]),
    );
    const { document, rejected } = await readRego(DECLARED, context(files, before));
    expect(JSON.parse(document)).toEqual(JSON.parse(before));
    expect(rejected).toEqual([expect.stringMatching(problem)]);
  },
);

test.each(BROKEN)(
  'files %s, and none before: the deployment fails, and says why',
  async (_what, files, problem) => {
    const error = await readRego(DECLARED, context(files)).catch((thrown: unknown) => thrown as Error);
    expect((error as Error).message).toMatch(/^the Rego policy cannot be activated: s3:/);
    expect((error as Error).message.replace(/^the Rego policy cannot be activated: /, '')).toMatch(problem);
  },
);

test('two rules ask the same files with data of their own, and files of before are asked with the data of now', async () => {
  const rule = { rule: 'rego', action: 'deny', bucket: 'rules', prefix: 'policies/' };
  const declared = JSON.stringify({
    name: 'p',
    maxAgeHours: 72,
    rules: [
      { ...rule, data: { on: 1 } },
      { ...rule, data: { on: 2 } },
    ],
  });
  const { document } = await readRego(
    declared,
    context(async () => [GOOD]),
  );
  expect(JSON.parse(document).rules.map(({ data }: any) => data)).toEqual([{ on: 1 }, { on: 2 }]);
  const later = declared.replace('{"on":1}', '{"on":3}');
  const { document: now } = await readRego(
    later,
    context(async () => [file('broken')], document),
  );
  expect(JSON.parse(now).rules.map(({ data }: any) => data)).toEqual([{ on: 3 }, { on: 2 }]);
});

test('files that are larger together than what judges may be are not activated', async () => {
  const large = Array.from({ length: 5 }, (_, at) => ({
    key: `policies/${at}.rego`,
    text: `package p${at}\n${'#'.repeat(1_000_000)}`,
  }));
  await expect(
    readRego(
      DECLARED,
      context(async () => large),
    ),
  ).rejects.toThrow(/its files have 50\d+ characters, allowed: 4194304/);
});

test('files that cannot be read while a deployment goes back to a policy that had them: what they said before that deployment counts', async () => {
  const { document: first } = await readRego(
    DECLARED,
    context(async () => [GOOD]),
  );
  const second = JSON.stringify({ name: 'p', maxAgeHours: 72, rules: [{ rule: 'secrets', action: 'deny' }] });
  const kept = new Map([first, second].map(text => [policyKey(sha256(text)), Buffer.from(text)]));
  const { document, rejected } = await readRego(DECLARED, {
    ...context(async () => {
      throw Object.assign(new Error('no'), { name: 'AccessDenied' });
    }),
    pointer: { current: async () => ({ revision: 2, sha256: sha256(second), before: sha256(first) }) },
    evidence: { read: async key => kept.get(key) },
  });
  expect(JSON.parse(document)).toEqual(JSON.parse(first));
  expect(rejected).toEqual([expect.stringMatching(/AccessDenied: no/)]);
});

test('a document that is not what its name says lends no rules: whoever can overwrite it opens no gate while files are broken (rule 5.7, fail closed)', async () => {
  const { document: before } = await readRego(
    DECLARED,
    context(async () => [GOOD]),
  );
  const { document: forged } = await readRego(
    DECLARED,
    context(async () => [file('package a\ndeny contains "no" if false')]),
  );
  await expect(
    readRego(
      DECLARED,
      context(async () => [], before, forged),
    ),
  ).rejects.toThrow(/^the Rego policy cannot be activated: s3:/);
});
