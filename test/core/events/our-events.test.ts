import { usedEvent } from '../../../src/core/events/grant-events';
import { EVENT_SOURCE } from '../../../src/core/events/image-events';
import { readEvent } from '../../../src/core/events/our-events';
import { grant, STACK_ID } from '../support/grants';
import { IMAGE, NOW } from '../support/made';

const { detailType, detail } = usedEvent({
  ...{ grant: grant(), image: IMAGE, runner: STACK_ID, at: NOW.toISOString() },
  ...{ reason: 'FAILED', says: 'x' },
});
const sent = (changes: object) =>
  readEvent({ source: EVENT_SOURCE, 'detail-type': detailType, detail, ...changes });

test('an event whose detail is broken is told as what it claims to be, with the field', () => {
  expect(sent({})).toEqual({ ok: true, value: { detailType, detail } });
  expect(sent({ detail: { ...detail, usedAt: 'never' } })).toEqual({
    ok: false,
    error: expect.stringMatching(/^not an event of trusted-images: Break-Glass Used: .* → at usedAt$/),
  });
});

test('a type that we do not publish is told with those that we do', () => {
  expect(sent({ 'detail-type': 'Break-Glass Used Twice' })).toEqual({
    ok: false,
    error: expect.stringMatching(/^not an event of trusted-images: .*expected one of "Image Verdict"\|/),
  });
});
