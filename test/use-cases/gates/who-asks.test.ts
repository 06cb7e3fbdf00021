import type { StackResource } from '../../../src/core/gates/asking-resource';
import { Tries } from '../../../src/core/times';
import { askerOf, whoAsks } from '../../../use-cases/gates/who-asks';
import { World } from '../world';
import { Gate, responseUrl } from '../world/gate';

const MINE = {
  StackId: 'arn:aws:cloudformation:us-east-1:000000000000:stack/service/1',
  LogicalResourceId: 'Image',
  RequestId: '1',
};
const THEIRS = 'arn:aws:cloudformation:us-east-1:000000000000:stack/payments/2';
const IN_PROGRESS: StackResource = {
  type: 'Custom::TrustedImage',
  status: 'UPDATE_IN_PROGRESS',
  physicalId: 'before',
};

let gate: Gate;
let told: (StackResource | undefined)[];
let pauses: number[];

beforeEach(() => {
  gate = new Gate(new World());
  [told, pauses] = [[IN_PROGRESS], []];
});

const event = (changes: object = {}, type: 'Create' | 'Update' = 'Update') =>
  ({ ...gate.event({ repository: 'team/clean', tag: 'v1' }, type, 'forged'), ...changes }) as ReturnType<
    Gate['event']
  >;

const asks = (of = event()) =>
  whoAsks(of, {
    stackResource: async () => (told.length > 1 ? told.shift() : told[0]),
    pause: async seconds => {
      pauses.push(seconds);
    },
  });

test('what ran before is what CloudFormation says, and not the event, which whoever invokes a gate writes', async () => {
  expect(await asks()).toMatchObject({ ...MINE, PhysicalResourceId: 'before' });
});

test.each([
  ['the stack', { StackId: THEIRS }],
  ['the resource', { LogicalResourceId: 'Other' }],
  ['the request', { RequestId: '2' }],
])(
  'an event that names another one than the URL for its answer is not asked about: %s',
  async (_what, forged) => {
    await expect(asks(event(forged))).rejects.toThrow(
      'nothing is asked and nothing answered: the URL for the answer is for another resource',
    );
  },
);

test.each([
  ['names nothing', 'https://cloudformation/secret'],
  ['is none', 'secret'],
  ['is not encoded well', 'https://cloudformation/%E0%A4%A'],
  [
    'names a thing that is no stack',
    responseUrl('https://cloudformation', { ...MINE, StackId: 'arn:aws:s3:::x' }),
  ],
  ['ends with more', `${responseUrl('https://cloudformation', MINE).replace('?', '/more?')}`],
  [
    'has the key only in its query',
    `https://cloudformation/?${encodeURIComponent(Object.values(MINE).join('|'))}`,
  ],
])(
  'rule 5.10, no secrets of gates: a URL that %s gets no answer, and no error has it',
  (_what, ResponseURL) => {
    expect(() => askerOf(event({ ResponseURL }))).toThrow(
      'nothing is asked and nothing answered: the URL for the answer names no resource of a stack',
    );
  },
);

test('the key is read where it is encoded whole, and where its slashes are not', () => {
  const key = Object.values(MINE).join('|');
  for (const path of [encodeURIComponent(key), encodeURIComponent(key).replaceAll('%2F', '/')]) {
    expect(askerOf(event({ ResponseURL: `https://bucket.s3.amazonaws.com/${path}?x=1` }))).toMatchObject(
      MINE,
    );
  }
});

test.each<[string, StackResource | undefined, string]>([
  ['nobody knows', undefined, 'CloudFormation knows no resource "Image" of the stack'],
  [
    'is of another type',
    { ...IN_PROGRESS, type: 'Custom::Own' },
    'is a "Custom::Own", allowed: Custom::TrustedImage',
  ],
  [
    'waits for nothing',
    { ...IN_PROGRESS, status: 'UPDATE_COMPLETE' },
    'is "UPDATE_COMPLETE", allowed: CREATE_IN',
  ],
])('a resource that %s is not asked about, whoever says it is', async (_what, resource, why) => {
  told = [resource];
  await expect(asks()).rejects.toThrow(why);
  expect(pauses).toHaveLength(Tries.stackResource - 1);
});

test('CloudFormation may show a resource a moment late', async () => {
  told = [undefined, { ...IN_PROGRESS, status: 'UPDATE_COMPLETE' }, IN_PROGRESS];
  expect(await asks()).toMatchObject({ PhysicalResourceId: 'before' });
  expect(pauses).toHaveLength(2);
});

test('a call that fails decides nothing: what ran before is not guessed', async () => {
  const throttled = whoAsks(event(), {
    stackResource: () => Promise.reject(new Error('ThrottlingException')),
    pause: async () => undefined,
  });
  await expect(throttled).rejects.toThrow('ThrottlingException');
});
