import { createHash } from 'node:crypto';
import { policyKey } from '../../../src/core/evidence/evidence-keys';
import { RegoRuntime } from '../../../src/runtime/rego-runtime';
import type { Pointer } from '../../../use-cases/policy/active-document';
import { refreshPolicy, type RefreshContext } from '../../../use-cases/policy/refresh-policy';
import { regoEngineFile } from '../../support/rego-engine';

const rego = new RegoRuntime(regoEngineFile);
const declaring = (name: string) =>
  JSON.stringify({
    name,
    maxAgeHours: 72,
    rules: [{ rule: 'rego', action: 'deny', bucket: 'rules', prefix: 'policies/' }],
  });

let declared: string | undefined;
let text: string;
let activePolicy: Pointer | undefined;
let sweeps: number;
let kept: Map<string, string>;
let between: () => void;

beforeEach(() => {
  [declared, text, activePolicy, sweeps, kept, between] = [
    declaring('one'),
    'package a\ndeny contains "x" if true',
    undefined,
    0,
    new Map(),
    () => undefined,
  ];
});

const context: RefreshContext = {
  source: { read: async () => declared },
  evidence: {
    read: async key => (kept.has(key) ? Buffer.from(kept.get(key)!) : undefined),
    writeOnce: async (key, body) => {
      kept.set(key, body);
      return true;
    },
  },
  pointer: {
    current: async () => activePolicy,
    replace: async (seen, next) => {
      if (seen?.revision !== activePolicy?.revision) return undefined;
      activePolicy = { revision: (activePolicy?.revision ?? 0) + 1, ...next };
      return activePolicy.revision;
    },
  },
  regoFiles: async () => {
    const files = [{ key: 'policies/a.rego', text }];
    between();
    return files;
  },
  check: program => rego.check(program),
  sweep: async () => {
    sweeps += 1;
  },
};

const activeName = () => JSON.parse(kept.get(policyKey(activePolicy!.sha256))!).name;

test('files that changed are the next revision, and all images are judged again; the same files are nothing', async () => {
  expect(await refreshPolicy(context)).toEqual({ rejected: [], done: 'revision 1' });
  expect(await refreshPolicy(context)).toEqual({ rejected: [], done: 'as before' });
  text = 'package a\ndeny contains "y" if true';
  expect(await refreshPolicy(context)).toEqual({ rejected: [], done: 'revision 2' });
  expect(sweeps).toBe(2);
});

test('before the first deployment there is nothing to look at', async () => {
  declared = undefined;
  expect(await refreshPolicy(context)).toEqual({ rejected: [], done: 'no policy was declared yet' });
  expect(activePolicy).toBeUndefined();
});

test('a deployment that comes in between is not undone', async () => {
  await refreshPolicy(context);
  text = 'package a\ndeny contains "z" if true';
  between = () => {
    between = () => undefined;
    declared = declaring('two'); // the deployment says so first, and activates it then
    const document = JSON.stringify({ name: 'two' });
    activePolicy = { revision: 7, sha256: createHash('sha256').update(document).digest('hex') };
  };
  expect(await refreshPolicy(context)).toEqual({ rejected: [], done: 'revision 8' });
  expect(activeName()).toBe('two');
});

test('files that broke change nothing, and are named', async () => {
  await refreshPolicy(context);
  text = 'package a\ndeny contains';
  expect(await refreshPolicy(context)).toEqual({
    rejected: [expect.stringMatching(/^s3:\/\/rules\/policies\/: policies\/a\.rego:2:/)],
    done: 'as before',
  });
  declared = declaring('two');
  expect(await refreshPolicy(context)).toMatchObject({ done: 'revision 2' });
  expect(activeName()).toBe('two');
});

test('somebody who publishes all the time ends it, with an error', async () => {
  between = () => {
    activePolicy = { revision: (activePolicy?.revision ?? 0) + 1, sha256: 'other' };
  };
  await expect(refreshPolicy(context)).rejects.toThrow(
    'the policy was replaced by another publisher 5 times in a row: try again',
  );
});
