import { longestLife } from '../../../src/core/trust/grant';
import { readEndRequest, readGrantRequest } from '../../../src/core/trust/grant-request';
import { STACK, STACK_ID } from '../support/grants';
import { IMAGE, NOW } from '../support/made';

const ACCOUNTS = ['000000000000'];
const WANTED = {
  image: IMAGE,
  scope: STACK_ID,
  forSeconds: 7200,
  justification: 'the scanner is down and the shop too',
  ticket: 'INC-7',
};

test('a request is read; the id of a stack is left out, which changes with the stack', () => {
  expect(readGrantRequest(WANTED, ACCOUNTS, NOW)).toEqual({
    ok: true,
    value: {
      image: IMAGE,
      scope: STACK,
      expiresAt: '2026-11-25T04:00:00.000Z',
      justification: WANTED.justification,
      ticket: 'INC-7',
    },
  });
});

test.each<[string, object, RegExp]>([
  [
    'a tag',
    { image: '000000000000.us-east-1/team/app:v1' },
    /^image is ".*:v1", allowed: .*@sha256:<64 hex>.*; a tag may name another image later/,
  ],
  ['half a digest', { image: `${IMAGE.slice(0, -1)}` }, /^image is .*, allowed:/],
  ['no image', { image: undefined }, /^image is missing, allowed:/],
  ['a pattern', { image: '000000000000.us-east-1/team/*' }, /^image is .*, allowed: .*"\*" for every image/],
  ['no scope', { scope: undefined }, /^scope is missing, allowed: the ARN of one CloudFormation stack/],
  ['every scope', { scope: '*' }, /^scope is "\*", allowed:/],
  [
    'a pipeline, which no gate names',
    { scope: 'arn:aws:codepipeline:us-east-1:000000000000:release' },
    /^scope is ".*:release", allowed: .*:stack\/<name>.*:service\/<cluster>\/<name>.* function of a PipelineGate .*:function:<name>.* 12 digits$/,
  ],
  [
    'a task',
    { scope: 'arn:aws:ecs:us-east-1:000000000000:task/prod/1' },
    /^scope is ".*:task\/prod\/1", allowed:/,
  ],
  [
    'a task definition',
    { scope: 'arn:aws:ecs:us-east-1:000000000000:task-definition/web:1' },
    /^scope is .*, allowed:/,
  ],
  ['a scope with a wildcard', { scope: `${STACK}*` }, /^scope is .*, allowed:/],
  [
    'another account',
    { scope: '999999999999' },
    /^scope is of account 999999999999, allowed: 000000000000; list other accounts/,
  ],
  [
    'a stack of another account',
    { scope: STACK.replace('000000000000', '999999999999') },
    /^scope is of account 999999999999/,
  ],
  [
    'more than 24 hours',
    { forSeconds: 86_401 },
    /^forSeconds is 86401, allowed: whole seconds from 1 to 86400, which is 24 hours for one image/,
  ],
  [
    'every image for more than 4 hours',
    { image: '*', forSeconds: 14_401 },
    /^forSeconds is 14401, allowed: .* 14400, which is 4 hours for every image/,
  ],
  ['no time', { forSeconds: undefined }, /^forSeconds is missing/],
  ['time as text', { forSeconds: '60' }, /^forSeconds is "60"/],
  ['no time left', { forSeconds: 0 }, /^forSeconds is 0/],
  [
    'no justification',
    { justification: ' ' },
    /^justification is " ", allowed: 10 to 500 characters; say what is broken/,
  ],
  ['a short one', { justification: 'because' }, /^justification is "because"/],
  ['invisible text', { justification: '\u200b'.repeat(40) }, /^justification is/],
  ['no ticket', { ticket: undefined }, /^ticket is missing, allowed: 1 to 500 characters; name the incident/],
])('rule 5.11, break-glass: %s is refused, with the fix', (_what, changes, message) => {
  const read = readGrantRequest({ ...WANTED, ...changes }, ACCOUNTS, NOW);
  expect(read).toEqual({ ok: false, error: [expect.stringMatching(message)] });
});

test.each([
  STACK,
  'arn:aws-cn:cloudformation:cn-north-1:000000000000:stack/app',
  'arn:aws:ecs:us-east-1:000000000000:service/prod/web',
  'arn:aws:ecs:us-east-1:000000000000:service/web', // the short ARN of old services
  'arn:aws:lambda:us-east-1:000000000000:function:Gate-PipelineGate-1A2B',
  '000000000000',
])('%s is a scope', scope => {
  const read = readGrantRequest({ ...WANTED, scope }, ACCOUNTS, NOW);
  expect(read).toMatchObject({ ok: true, value: { scope } });
});

test.each([undefined, null, 'text', 7, []])('%p is refused, with everything that is missing', body => {
  const read = readGrantRequest(body, ACCOUNTS, NOW);
  expect(!read.ok && read.error.map(each => each.split(' ')[0])).toEqual([
    'image',
    'scope',
    'forSeconds',
    'justification',
    'ticket',
  ]);
});

test('where an organization may ask, the accounts are not known', () => {
  expect(readGrantRequest({ ...WANTED, scope: '999999999999' }, 'any', NOW).ok).toBe(true);
});

test('the end of a grant needs the image and the scope', () => {
  expect(readEndRequest({ image: '*', scope: STACK_ID }, ACCOUNTS)).toEqual({
    ok: true,
    value: { image: '*', scope: STACK },
  });
  expect(readEndRequest({ image: '*' }, ACCOUNTS).ok).toBe(false);
});

test('every image may run for a shorter time than one', () => {
  expect([longestLife(IMAGE), longestLife('*')]).toEqual([24 * 3600, 4 * 3600]);
});
