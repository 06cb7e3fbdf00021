import * as fc from 'fast-check';
import { readId } from '../../../src/core/gates/admitted';
import { answerText, Asker, idOfNone } from '../../../src/core/gates/answer';
import { HOSTILE } from '../support/hostile';
import { DIGEST } from '../support/made';

const ASKER: Asker = {
  ResponseURL: 'https://example.com/secret?signature',
  StackId: 'arn:stack',
  RequestId: 'request',
  LogicalResourceId: 'Image',
  PhysicalResourceId: 'before',
};
const SAME = { StackId: 'arn:stack', RequestId: 'request', LogicalResourceId: 'Image' };

test('what is let in is told with its id and digest', () => {
  expect(JSON.parse(answerText(ASKER, { PhysicalResourceId: 'now', Data: { Digest: DIGEST } }))).toEqual({
    Status: 'SUCCESS',
    ...SAME,
    PhysicalResourceId: 'now',
    Data: { Digest: DIGEST },
  });
});

test('what is refused is told with the reason, line by line, and keeps the id of before', () => {
  expect(JSON.parse(answerText(ASKER, { reason: 'one\ntwo \u001b[31mred' }))).toEqual({
    Status: 'FAILED',
    ...SAME,
    PhysicalResourceId: 'before',
    Reason: 'one\ntwo red',
  });
});

test('a reason is never empty: CloudFormation wants one', () => {
  for (const reason of ['', '\n', '\u0000']) {
    expect(JSON.parse(answerText(ASKER, { reason })).Reason).toBe('unknown');
  }
});

test('an answer has 4096 bytes at most and the message first, whatever stands in it', () => {
  const text = fc.oneof(
    fc.constantFrom(...HOSTILE),
    fc.string({ unit: 'binary', maxLength: 9000 }),
    fc.constantFrom('"', '漢', '😀').map(each => each.repeat(3000)),
  );
  fc.assert(
    fc.property(text, reason => {
      const written = answerText(
        { ...ASKER, PhysicalResourceId: 'p'.repeat(985) },
        { reason: `the message ${reason}` },
      );
      expect(Buffer.byteLength(written)).toBeLessThanOrEqual(4096);
      expect(JSON.parse(written)).toMatchObject({
        Status: 'FAILED',
        Reason: expect.stringMatching(/^the message/),
      });
    }),
    { numRuns: 200 },
  );
});

test('the way out of an emergency comes last, as a whole, where nothing of the reason is cut for it', () => {
  const wayOut = `Emergency, ${'e'.repeat(400)}`;
  const reasonOf = (reason: string) =>
    (JSON.parse(answerText(ASKER, { reason, wayOut })) as { Reason: string }).Reason;
  expect(reasonOf('one\ntwo')).toBe(`one\ntwo\n${wayOut}`);
  const lines = (count: number) => Array.from({ length: count }, () => 'x'.repeat(1000)).join('\n');
  expect(reasonOf(lines(3))).toBe(`${lines(3)}\n${wayOut}`);
  expect(reasonOf(`${lines(3)}\n${'y'.repeat(600)}`)).toBe(`${lines(3)}\n${'y'.repeat(600)}`);
});

test('rule 5.10, no secrets of gates: an answer does not say where it was sent', () => {
  expect(
    answerText(ASKER, { reason: 'no' }) + answerText(ASKER, { PhysicalResourceId: 'now' }),
  ).not.toContain('example.com');
});

test('the id of a resource whose image was refused when it was made remembers no image', () => {
  expect(readId(idOfNone('8a2c'))).toBeUndefined();
});
