import { createHash } from 'node:crypto';
import { ImagePolicy } from '../../../src';
import type { Pointer } from '../../../use-cases/policy/active-document';
import { publishPolicy, type PublishPolicyContext } from '../../../use-cases/policy/publish-policy';

const POLICY = ImagePolicy.standard()._render();
const sha256 = createHash('sha256').update(POLICY).digest('hex');

let steps: string[];
let active: Pointer | undefined;
let waived: string | undefined;
let file: string | undefined;
let others: number;

beforeEach(() => {
  [steps, active, waived, file, others] = [[], undefined, undefined, undefined, 0];
});

const context: PublishPolicyContext = {
  source: {
    read: async () => undefined,
    write: async () => {
      steps.push('source');
    },
  },
  regoFiles: async () => [],
  check: () => [],
  evidence: { read: async () => undefined, writeOnce: async key => steps.push(`evidence ${key}`) > 0 },
  waivers: {
    write: async text => {
      steps.push('file');
      file = text;
    },
    activate: async () => {
      steps.push('active waivers');
      const isChanged = waived !== file;
      waived = file;
      return isChanged;
    },
  },
  pointer: {
    current: async () => active,
    replace: async (seen, next) => {
      if (others-- > 0) active = { revision: (active?.revision ?? 0) + 1, sha256: 'of another' };
      if (seen?.revision !== active?.revision) return undefined;
      steps.push('active policy');
      active = { revision: (active?.revision ?? 0) + 1, ...next };
      return active.revision;
    },
  },
  sweep: async () => {
    steps.push('sweep');
  },
  reportRejected: files => {
    if (files.length > 0) steps.push('rejected');
  },
  reportProblems: problems => {
    steps.push(`problems: ${problems.join('; ')}`);
  },
};

test('without waivers of its own, a deployment leaves the file to people', async () => {
  expect(await publishPolicy({ policy: POLICY }, context)).toEqual({
    revision: 1,
    sha256,
    isSame: false,
  });
  const evidence = `evidence policies/${sha256}.json`;
  expect(steps).toEqual(['source', evidence, evidence, 'active policy', 'sweep']);
});

test('the same policy again judges nothing again', async () => {
  await publishPolicy({ policy: POLICY }, context);
  steps = [];
  expect(await publishPolicy({ policy: POLICY }, context)).toMatchObject({ revision: 1, isSame: true });
  expect(steps).not.toContain('sweep');
});

test('rule 4.9, re-evaluation: what a stricter policy refuses and the same deployment accepts is never refused: its waivers are active first, and one sweep is enough', async () => {
  await publishPolicy({ policy: POLICY, waivers: 'a' }, context);
  expect(steps).toEqual([
    'source',
    `evidence policies/${sha256}.json`,
    'file',
    'active waivers',
    `evidence policies/${sha256}.json`,
    'active policy',
    'sweep',
  ]);
  expect(file).toBe('a');
});

test('other waivers alone are a sweep too', async () => {
  await publishPolicy({ policy: POLICY, waivers: 'a' }, context);
  steps = [];
  await publishPolicy({ policy: POLICY, waivers: 'b', waiversBefore: 'a' }, context);
  expect(steps).toEqual(['source', `evidence policies/${sha256}.json`, 'file', 'active waivers', 'sweep']);
});

test('what people changed since stays, as long as the deployment says nothing new', async () => {
  file = 'fixed at night';
  await publishPolicy({ policy: POLICY, waivers: 'a', waiversBefore: 'a' }, context);
  expect(file).toBe('fixed at night');
  // it no longer says any: they are people's from now on
  await publishPolicy({ policy: POLICY, waiversBefore: 'a' }, context);
  expect(file).toBe('fixed at night');
});

test('a deployment that is rolled back puts back what it said before', async () => {
  await publishPolicy({ policy: POLICY, waivers: 'b', waiversBefore: 'a' }, context);
  await publishPolicy({ policy: POLICY, waivers: 'a', waiversBefore: 'b' }, context);
  expect(waived).toBe('a');
});

test('a deployment wins over others that publish at the same time, and keeps what was active before it', async () => {
  others = 2;
  expect(await publishPolicy({ policy: POLICY }, context)).toMatchObject({ revision: 3, isSame: false });
  expect(active).toEqual({ revision: 3, sha256, before: 'of another', versionId: undefined });
});

test('a deployment that never wins ends with an error', async () => {
  others = Infinity;
  await expect(publishPolicy({ policy: POLICY }, context)).rejects.toThrow(
    'the policy was replaced by another publisher 5 times in a row: try again',
  );
});

test('a policy that this version does not understand is active all the same, and its problems are named', async () => {
  const policy = '{"name":"of tomorrow","maxAgeHours":72,"rules":[{"rule":"quantum","action":"deny"}]}';
  expect(await publishPolicy({ policy }, context)).toMatchObject({ revision: 1 });
  // before anything is published that could fail
  expect(steps[1]).toContain('problems: ');
  expect(steps[1]).toContain('no rule is called "quantum"');
});
