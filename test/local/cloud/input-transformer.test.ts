import { targetInput, transform } from '../../../local/cloud/events/input-transformer';
import { serviceEvent } from '../../../local/cloud/events/service-event';

const rule = { Name: 'rule', Arn: 'arn:aws:events:us-east-1:000000000000:rule/rule' };
const event = serviceEvent(
  { source: 'aws.ecr', detailType: 'Kind', detail: { name: 'a "b"', list: [{ n: 1 }] } },
  { account: '000000000000', region: 'us-east-1' },
);

test.each([
  ['a bare variable becomes JSON', { name: '$.detail.name' }, '{"a": <name>}', '{"a": "a \\"b\\""}'],
  ['a variable in a string is put in as it is', { kind: '$.detail-type' }, '"it is <kind>"', '"it is Kind"'],
  ['an element of a list is reached', { n: '$.detail.list[0].n' }, '<n>', '1'],
  ['a number in a string stays a number', { n: '$.detail.list[0].n' }, '"n<n>"', '"n1"'],
  ['a variable without a value is empty', { none: '$.detail.none' }, '<none>', '""'],
  ['an escaped quote does not end a string', { kind: '$.detail-type' }, '"\\"<kind>"', '"\\"Kind"'],
  ['the rule is known', {}, '<aws.events.rule-name>', '"rule"'],
  ['what is no variable stays', {}, '"<toString>"', '"<toString>"'],
])('%s', (_, InputPathsMap, InputTemplate, expected) => {
  expect(transform({ InputPathsMap, InputTemplate }, rule, event)).toBe(expected);
});

test('a target gets the whole event, a part of it, or a constant', () => {
  const target = { Id: 'target', Arn: 'arn' };

  expect(JSON.parse(targetInput(target, rule, event))).toEqual(event);
  expect(targetInput({ ...target, InputPath: '$.detail.name' }, rule, event)).toBe('"a \\"b\\""');
  expect(targetInput({ ...target, Input: '{}' }, rule, event)).toBe('{}');
});
