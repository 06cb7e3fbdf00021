import type { Enrolment } from '../../../src/core/image/enrolment';
import { enrolmentCheck } from '../../../use-cases/scanning/enrolment-check';

const image = {
  account: '000000000000',
  region: 'us-east-1',
  repository: 'team/app',
  digest: `sha256:${'0'.repeat(64)}`,
};
const asked: string[] = [];
let tags: Record<string, string> = {};

function check(...enrolment: Enrolment): ReturnType<typeof enrolmentCheck> {
  return enrolmentCheck(JSON.stringify(enrolment), {
    tags: async arn => {
      asked.push(arn);
      return tags;
    },
  });
}

beforeEach(() => {
  asked.length = 0;
  tags = {};
  jest.useFakeTimers();
});
afterEach(() => jest.useRealTimers());

test.each<[string, Enrolment, boolean]>([
  ['all', [{ by: 'all' }], true],
  ['a prefix', [{ by: 'prefix', prefix: 'team/' }], true],
  ['another prefix', [{ by: 'prefix', prefix: 'teams/' }], false],
  ['its name', [{ by: 'name', name: 'team/app' }], true],
  ['the start of its name', [{ by: 'name', name: 'team/ap' }], false],
  ['a deployment that asks for its images', [{ by: 'request', name: 'team/app' }], true],
  ['a deployment that asks for images of another one', [{ by: 'request', name: 'team/ap' }], false],
])('by %s, without asking for tags', async (_by, enrolment, enrolled) => {
  expect(await check(...enrolment)(image, image)).toBe(enrolled);
  expect(asked).toEqual([]);
});

test('by a tag of its repository, asked for once in five minutes', async () => {
  const isEnrolled = check({ by: 'tag', key: 'scan', value: 'yes' });
  expect(await isEnrolled(image, image)).toBe(false);
  tags = { scan: 'yes' };
  expect(await isEnrolled(image, image)).toBe(false);
  jest.advanceTimersByTime(5 * 60_000);
  expect(await isEnrolled(image, image)).toBe(true);
  expect(asked).toEqual(Array(2).fill('arn:aws:ecr:us-east-1:000000000000:repository/team/app'));
});

test('a repository whose images are scanned on request is not asked for tags, whatever else is enrolled', async () => {
  const isEnrolled = check({ by: 'tag', key: 'scan', value: 'yes' }, { by: 'request', name: 'team/app' });
  expect(await isEnrolled(image, image)).toBe(true);
  expect(asked).toEqual([]);
});

test.each([
  ['cn-north-1', 'aws-cn'],
  ['us-gov-west-1', 'aws-us-gov'],
  ['eu-central-1', 'aws'],
])('in %s the repository is of the partition %s', async (region, partition) => {
  await check({ by: 'tag', key: 'scan', value: 'yes' })({ ...image, region }, { ...image, region });
  expect(asked).toEqual([`arn:${partition}:ecr:${region}:000000000000:repository/team/app`]);
});

test('tags that cannot be read are no answer', async () => {
  const isEnrolled = enrolmentCheck(JSON.stringify([{ by: 'tag', key: 'scan', value: 'yes' }]), {
    tags: async () => {
      throw new Error('AccessDenied');
    },
  });
  await expect(isEnrolled(image, image)).rejects.toThrow('AccessDenied');
});

test('a repository of another account is enrolled by its name in that account, and by nothing else', async () => {
  const home = { account: '999999999999', region: image.region };
  tags = { scan: 'yes' };
  for (const [enrolled, ...enrolment] of [
    [true, { by: 'name', name: 'team/app', account: image.account }],
    [false, { by: 'name', name: 'team/app', account: '111111111111' }],
    [
      false,
      { by: 'all' },
      { by: 'prefix', prefix: 'team/' },
      { by: 'name', name: 'team/app' },
      { by: 'request', name: 'team/app' },
      { by: 'tag', key: 'scan', value: 'yes' },
    ],
  ] as const) {
    expect(await check(...(enrolment as unknown as Enrolment))(image, home)).toBe(enrolled);
  }
  // and that name is not enrolled in the account of the trust
  expect(await check({ by: 'name', name: 'team/app', account: '111111111111' })(image, image)).toBe(false);
  expect(asked).toEqual([]);
});

test('a document that the template did not write is refused at the start', () => {
  expect(() => enrolmentCheck('[{"by":"regex","pattern":".*"}]', { tags: async () => ({}) })).toThrow();
});
