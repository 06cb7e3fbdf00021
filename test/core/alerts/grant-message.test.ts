import { grantMessage } from '../../../src/core/alerts/grant-message';
import { asText } from '../../../src/core/alerts/message';
import { endedEvent, grantedEvent, usedEvent } from '../../../src/core/events/grant-events';
import { readEvent } from '../../../src/core/events/our-events';
import { ok } from '../../../src/core/result';
import { useOf } from '../../../src/core/trust/break-glass';
import { refused } from '../../../src/core/trust/refusal';
import { CALLER, grant, STACK, STACK_ID } from '../support/grants';
import { IMAGE, minutes, NOW } from '../support/made';

const use = (granted = grant()) =>
  usedEvent(useOf(granted, IMAGE, STACK_ID, refused(IMAGE, 'FAILED', '2 violations'), NOW));

test('a use names the image, who runs it, who granted it, why, and what would have been', () => {
  const message = asText(grantMessage(use()));
  for (const text of [IMAGE, STACK_ID, STACK, CALLER, 'INC-7', 'the scanner is down', '2 violations']) {
    expect(message).toContain(text);
  }
});

test('the emergency off is told as one', () => {
  const { title, nextSteps } = grantMessage(grantedEvent(grant({ image: '*', scope: '000000000000' })));
  expect(title).toBe('break-glass: every image may run without trust');
  expect(nextSteps.join()).toContain('no gate of that scope refuses anything');
});

test('an end says how it ended', () => {
  expect(asText(grantMessage(endedEvent(grant())))).toContain(', its time was over');
  const ended = grant({ endedAt: minutes(1).toISOString(), endedBy: CALLER });
  expect(asText(grantMessage(endedEvent(ended)))).toContain(`ended: ${ended.endedAt} by ${CALLER}`);
});

test('a hostile justification is one line of visible text, and the subject is one that SNS takes', () => {
  const hostile = grant({ justification: 'a\u001b[31m\nb\u202e', image: '*' });
  const message = grantMessage(grantedEvent(hostile));
  expect(asText(message)).toContain('justification: a b');
  expect(message.subject).toMatch(/^[\x20-\x7e]{1,99}$/);
});

test('every event is read back', () => {
  for (const event of [use(), grantedEvent(grant()), endedEvent(grant())]) {
    const { detailType, detail } = event;
    expect(readEvent({ source: 'trusted-images', 'detail-type': detailType, detail })).toEqual(ok(event));
  }
});
