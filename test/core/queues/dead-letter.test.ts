import fc from 'fast-check';
import { wayBack, whyDead, type DeadLetter } from '../../../src/core/queues/dead-letter';

const arn = (name: string) => `arn:aws:sqs:eu-west-1:111122223333:${name}`;
const SHARED = arn('dead');
const OWN = arn('importers-dead');
const QUEUES = [
  { arn: SHARED },
  { arn: OWN },
  { arn: arn('requests'), deadLetters: SHARED },
  { arn: arn('verdicts'), deadLetters: SHARED },
  { arn: arn('importers'), deadLetters: OWN },
  { arn: arn('records') },
];
const letter = (attributes: DeadLetter['attributes'], movedFrom?: string): DeadLetter => ({
  attributes,
  movedFrom,
});

test.each<[string, DeadLetter]>([
  ['SQS moved', letter({ Failures: '3' }, arn('verdicts'))],
  ['EventBridge could not deliver', letter({ RULE_ARN: 'rule', TARGET_ARN: arn('verdicts') })],
  ['a function of ours could not handle', letter({ Queue: arn('verdicts'), Why: 'no' })],
])('what %s goes back to the queue that it is of', (_, dead) => {
  expect(wayBack(dead, SHARED, QUEUES)).toMatchObject({ ok: true, value: { arn: arn('verdicts') } });
});

test('what SQS says counts more than what a sender wrote', () => {
  const forged = letter({ Queue: arn('requests'), TARGET_ARN: arn('requests') }, arn('verdicts'));
  expect(wayBack(forged, SHARED, QUEUES)).toMatchObject({ value: { arn: arn('verdicts') } });
});

test('0036: what importers sent goes to no other queue, whatever it says', () => {
  expect(wayBack(letter({ Queue: arn('requests') }, undefined), OWN, QUEUES)).toEqual({
    ok: false,
    error: `it says that it is of ${arn('requests')}, whose dead letters lie in ${SHARED}`,
  });
  expect(wayBack(letter({ Queue: arn('importers') }), OWN, QUEUES).ok).toBe(true);
});

test.each<[string, DeadLetter, string]>([
  ['nothing', letter({}), 'it does not say which queue it is of'],
  [
    'another queue',
    letter({ Queue: arn('x') }),
    `it says that it is of ${arn('x')}, which is no queue of this trust`,
  ],
  [
    'a queue without dead letters',
    letter({ Queue: arn('records') }),
    `it says that it is of ${arn('records')}, whose dead letters lie in no queue`,
  ],
])('what names %s stays', (_, dead, error) => {
  expect(wayBack(dead, SHARED, QUEUES)).toEqual({ ok: false, error });
});

test('it never goes to a queue whose dead letters lie elsewhere', () => {
  const some = fc.option(fc.constantFrom(...QUEUES.map(queue => queue.arn), 'x', ''), { nil: undefined });
  fc.assert(
    fc.property(some, some, some, fc.constantFrom(SHARED, OWN), (movedFrom, target, queue, liesIn) => {
      const way = wayBack(letter({ TARGET_ARN: target, Queue: queue }, movedFrom), liesIn, QUEUES);
      if (way.ok) expect(way.value.deadLetters).toBe(liesIn);
    }),
  );
});

test.each<[DeadLetter, string]>([
  [letter({ Why: 'neither a repository' }), 'neither a repository'],
  [letter({ Why: 'x' }, arn('a')), 'it came back too often: its function crashes on it, or cannot run'],
  [
    letter({ RULE_ARN: 'r', ERROR_CODE: 'NO_PERMISSIONS', ERROR_MESSAGE: 'not allowed' }),
    'EventBridge could not deliver it: NO_PERMISSIONS: not allowed',
  ],
  [letter({}), 'unknown'],
])('%j says why', (dead, why) => {
  expect(whyDead(dead)).toBe(why);
});
