import { trail, type Trail } from '../../../src/core/doctor/trail';
import { CALLS } from '../../../src/core/running/calls';

const ALL = { writes: true, without: [], filteredBy: [] };
const logging = (management: Trail['management'], name = 'account'): Trail => ({
  name,
  isLogging: true,
  management,
});
const SOURCES = ['aws.ecs', 'aws.kms'];

test.each<[string, Trail[], string, string]>([
  ['no trail', [], 'found', 'no trail covers this region'],
  ['a trail that logs all', [logging(ALL)], 'ok', 'account logs them'],
  [
    'a trail that was stopped',
    [{ ...logging(ALL), isLogging: false }],
    'found',
    'account (its logging is stopped)',
  ],
  [
    'a trail of reads',
    [logging({ ...ALL, writes: false })],
    'found',
    'account (logs no management events that write)',
  ],
  [
    'a trail without AWS KMS, as its console offers',
    [logging({ ...ALL, without: ['kms.amazonaws.com'] })],
    'found',
    'account (without the events of kms.amazonaws.com)',
  ],
  [
    'a trail without a service that nobody waits for',
    [logging({ ...ALL, without: ['rdsdata.amazonaws.com'] })],
    'ok',
    'account logs them',
  ],
  [
    'a trail that chooses by a field that is not read here',
    [logging({ ...ALL, filteredBy: ['eventName'] })],
    'found',
    'account (chooses events by eventName)',
  ],
  [
    'one that is stopped, and one that logs all',
    [{ ...logging(ALL, 'old'), isLogging: false }, logging(ALL, 'new')],
    'ok',
    'new logs them',
  ],
  [
    'the trail of an organization whose selection is not shown',
    [logging(undefined, 'organization')],
    'unknown',
    'organization is logging, and only the account that owns it may see which events',
  ],
  ['such a trail, and one that logs all', [logging(undefined), logging(ALL, 'own')], 'ok', 'own logs them'],
])('a region with %s', (_, trails, state, value) => {
  expect(trail(trails, SOURCES)).toMatchObject({ state, value });
});

test('a stack in which no rule waits for calls is no answer', () => {
  expect(trail([logging(ALL)], []).state).toBe('unknown');
});

test('a watcher waits for calls that write: EventBridge gets those that read only by another state of a rule', () => {
  const names = Object.values(CALLS).flatMap(calls => Object.keys(calls));
  expect(names.filter(name => /^(?:Describe|Get|List)/.test(name))).toEqual([]);
});
