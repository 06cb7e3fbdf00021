import * as fc from 'fast-check';
import { requestFor } from '../../../src/core/scanning/scan-request';
import { readImporterRequest } from '../../../src/core/sharing/importer-request';
import { DIGEST, IMAGE, NOW } from '../support/made';

const sentAt = new Date('2026-11-25T03:00:00.000Z');
const read = { version: 1, image: IMAGE, reason: 'request', at: sentAt.toISOString(), priority: 'importer' };

test('what a gate sends is a request of the time at which SQS took it', () => {
  expect(readImporterRequest(requestFor(IMAGE, DIGEST, 'request', NOW), sentAt)).toEqual({
    ok: true,
    value: read,
  });
});

test('rule 4.1, messages are hints: an importer sets no time, no tag and no priority, whatever it writes', () => {
  const written = fc.dictionary(
    fc.constantFrom('at', 'tag', 'priority', 'until', 'from', '__proto__'),
    fc.anything(),
  );
  fc.assert(
    fc.property(written, more => {
      const message = { ...more, version: 1, image: IMAGE, reason: 'request' };
      expect(readImporterRequest(message, sentAt)).toEqual({ ok: true, value: read });
    }),
  );
});

test.each([
  ['another reason', { reason: 'push' }, '→ at reason'],
  ['another version', { version: 2 }, '→ at version'],
  ['no digest', { image: '111111111111.us-east-1/team/app:v1' }, 'not an image'],
])('%s is refused, and the message says what of it', (_what, part, why) => {
  const request = readImporterRequest({ version: 1, image: IMAGE, reason: 'request', ...part }, sentAt);
  expect(request).toMatchObject({
    ok: false,
    error: expect.stringContaining('not a scan request of a gate'),
  });
  expect(request).toMatchObject({ error: expect.stringContaining(why) });
});

test('an event of ECR is no request: an importer cannot pretend that an image was pushed', () => {
  const event = { source: 'aws.ecr', 'detail-type': 'ECR Image Action', detail: { 'action-type': 'PUSH' } };
  expect(readImporterRequest(event, sentAt)).toMatchObject({ ok: false });
});
