import { alarmActions, alarmsInAlarm } from '../../../src/core/doctor/alarms';
import { deadLetters } from '../../../src/core/doctor/dead-letters';
import { deploymentProbe } from '../../../src/core/doctor/deployment-probe';
import { subscribers } from '../../../src/core/doctor/subscribers';
import { waiting } from '../../../src/core/doctor/waiting';
import { Lateness } from '../../../src/core/scanning/lateness';
import { minutes, NOW } from '../support/made';

const at = (ago: number) => minutes(-ago).toISOString();

const NOBODY = '7 messages wait, and nobody looked at them';
const NO_QUEUE = /the queue was not found$/;
test.each([
  ['nothing waits', undefined, [], false, 0, 'ok', 'none in line; 0 messages in the queue'],
  ['messages without an age', undefined, [], false, 7, 'unknown', NOBODY],
  ['old images without an age', undefined, [], true, 7, 'unknown', NOBODY],
  ['no queue', undefined, [], false, undefined, 'unknown', NO_QUEUE],
  ['no queue, although something waits', Lateness.none, [], false, undefined, 'unknown', NO_QUEUE],
  ['no queue, and something waits too long', Lateness.request, [], false, undefined, 'found', NO_QUEUE],
  ['none was late by the metric', Lateness.none, [], false, 7, 'ok', 'none in line; 7 messages in the queue'],
  [
    'a push was late',
    Lateness.request,
    [],
    false,
    7,
    'found',
    /^none in line; one was late in the last half/,
  ],
  [
    'renewals were late',
    Lateness.background,
    [],
    true,
    7,
    'found',
    /^none in line; one was late in the last/,
  ],
  ['renewals were late, and no push', Lateness.background, [], false, 7, 'ok', /^none in line; 7 messages/],
  [
    'a push was late, so nobody knows of renewals',
    Lateness.request,
    [at(9)],
    true,
    7,
    'unknown',
    /hides whether renewals are$/,
  ],
  ['the line is old', Lateness.none, [at(1), at(61)], false, 7, 'found', /^61 minutes in line; 7 messages/],
  ['old images may wait for a day', Lateness.none, [at(24 * 60)], true, 7, 'ok', /^24 hours in line; /],
  ['and no longer', undefined, [at(24 * 60 + 1)], true, 7, 'found', /^24 hours in line; /],
  ['a clock that is behind', undefined, [at(-5)], false, 7, 'ok', /^0 minutes in line; /],
] as const)('oldest request: %s', (_, byMetric, inLine, isBackground, messages, state, value) => {
  const look = waiting({ isBackground, byMetric, inLine, messages }, NOW);
  expect(look).toMatchObject({ state, value: expect.stringMatching(value) });
  expect(look.limit).toBe(isBackground ? 'at most 24 hours' : 'at most 60 minutes');
  if (state === 'unknown') {
    expect(look.remedy).toMatch(
      /^(run it again in a minute|ask with the stack|see the line of pushes first)/,
    );
  }
});

test('dead letters', () => {
  const empty = { name: 'Signer', messages: 0 };
  expect(deadLetters([empty])).toMatchObject({ state: 'ok', value: 'none in 1 queues' });
  expect(deadLetters([empty, { name: 'Results', messages: 4 }])).toMatchObject({
    state: 'found',
    value: '4 in Results',
  });
});

test.each([
  ['OK', true, 'ok', 'ok'],
  ['INSUFFICIENT_DATA', true, 'ok', 'ok'],
  ['ALARM', true, 'ok', 'found'],
  ['ALARM', false, 'found', 'found'],
  ['OK', false, 'found', 'ok'],
  [undefined, false, 'found', 'ok'],
])('an alarm in %s, with actions: %s', (state, hasActions, actions, inAlarm) => {
  const alarms = [{ name: 'Late', state, hasActions }];
  expect([alarmActions(alarms).state, alarmsInAlarm(alarms).state]).toEqual([actions, inAlarm]);
});

test.each([
  ['nobody', 0, 0, 'found', /^subscribe somebody/],
  ['somebody who has not confirmed', 0, 1, 'found', /^confirm the subscription/],
  ['somebody', 1, 0, 'ok', undefined],
])('a topic that tells %s', (_, confirmed, pending, state, remedy) => {
  const look = subscribers([{ arn: 'arn:aws:sns:us-east-1:000000000000:Alerts', confirmed, pending }]);
  expect(look).toMatchObject({ state, value: `${confirmed} confirmed, ${pending} pending of Alerts` });
  if (remedy !== undefined) expect(look.remedy).toMatch(remedy);
});

test('a stack without alerts tells nobody', () => {
  expect(subscribers([]).state).toBe('found');
});

const PROBE = { status: 'CREATE_COMPLETE', at: NOW };
test.each([
  ['UPDATE_COMPLETE', PROBE, 'ok', 'CREATE_COMPLETE at 2026-11-25T02:00:00.000Z'],
  ['UPDATE_COMPLETE', undefined, 'ok', 'the stack has no probe'],
  ['UPDATE_IN_PROGRESS', PROBE, 'ok', /^CREATE_COMPLETE/],
  ['UPDATE_ROLLBACK_COMPLETE', PROBE, 'found', /the stack is UPDATE_ROLLBACK_COMPLETE$/],
  ['UPDATE_FAILED', { ...PROBE, status: 'UPDATE_FAILED' }, 'found', /^UPDATE_FAILED at /],
] as const)('a stack that is %s with the probe %j', (stackStatus, probe, state, value) => {
  expect(deploymentProbe({ stackStatus, probe })).toMatchObject({
    state,
    value: expect.stringMatching(value),
  });
});
