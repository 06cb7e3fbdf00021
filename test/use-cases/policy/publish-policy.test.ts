import { createHash } from 'node:crypto';
import { publishPolicy, type PublishPolicyContext } from '../../../use-cases/policy/publish-policy';

const POLICY = '{"name":"standard"}';
const sha256 = createHash('sha256').update(POLICY).digest('hex');

let steps: string[];
let activePolicy: string | undefined;
let waived: string | undefined;
let file: string | undefined;

beforeEach(() => {
  [steps, activePolicy, waived, file] = [[], undefined, undefined, undefined];
});

const context: PublishPolicyContext = {
  evidence: { writeOnce: async key => steps.push(`evidence ${key}`) > 0 },
  waivers: {
    write: async text => {
      steps.push('file');
      file = text;
    },
    publish: async () => {
      steps.push('active waivers');
      const isChanged = waived !== file;
      waived = file;
      return isChanged;
    },
  },
  pointer: {
    publish: async sha => {
      steps.push('active policy');
      const changed = activePolicy !== sha;
      activePolicy = sha;
      return { revision: 1, changed };
    },
  },
  sweep: async () => {
    steps.push('sweep');
  },
};

test('without waivers of its own, a deployment leaves the file to people', async () => {
  expect(await publishPolicy({ policy: POLICY }, context)).toEqual({ revision: 1, changed: true, sha256 });
  expect(steps).toEqual([`evidence policies/${sha256}.json`, 'active policy', 'sweep']);
});

test('the same policy again judges nothing again', async () => {
  await publishPolicy({ policy: POLICY }, context);
  steps = [];
  expect(await publishPolicy({ policy: POLICY }, context)).toMatchObject({ changed: false });
  expect(steps).not.toContain('sweep');
});

test('what a stricter policy refuses and the same deployment accepts is never refused: its waivers are active first, and one sweep is enough', async () => {
  await publishPolicy({ policy: POLICY, waivers: 'a' }, context);
  expect(steps).toEqual([
    `evidence policies/${sha256}.json`,
    'file',
    'active waivers',
    'active policy',
    'sweep',
  ]);
  expect(file).toBe('a');
});

test('other waivers alone are a sweep too', async () => {
  await publishPolicy({ policy: POLICY, waivers: 'a' }, context);
  steps = [];
  await publishPolicy({ policy: POLICY, waivers: 'b', waiversBefore: 'a' }, context);
  expect(steps.slice(1)).toEqual(['file', 'active waivers', 'active policy', 'sweep']);
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
