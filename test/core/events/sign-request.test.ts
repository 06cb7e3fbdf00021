import {
  DetailType,
  EVENT_SOURCE,
  revokedEvent,
  scanFailedEvent,
  trustedEvent,
  verdictEvent,
  type ImageEvent,
} from '../../../src/core/events/image-events';
import { readSignRequest } from '../../../src/core/events/sign-request';
import { nextFailedScan } from '../../../src/core/scanning/failed-scan';
import { failing, IMAGE, NOW, scanId, summary, verdict } from '../support/made';

const EVIDENCE = { bucket: 'evidence', verdictKey: 'verdicts/1.json' };
const handedOn = ({ detailType, detail }: ImageEvent, more: object = {}) => ({
  source: EVENT_SOURCE,
  'detail-type': detailType,
  detail,
  ...more,
});
const withEmptyOutbox = verdictEvent(verdict(), { changed: true, evidence: EVIDENCE });
const REQUEST = { version: 1, image: IMAGE, verdictId: scanId(1) };

describe('what the signer is asked', () => {
  test('a request of the reconciler, as it is', () => {
    expect(readSignRequest(REQUEST)).toEqual({ ok: true, value: REQUEST });
  });

  test.each([withEmptyOutbox, verdictEvent(failing(), { changed: false, evidence: EVIDENCE })])(
    'a published $detail.outcome: about its image and its verdict, and nothing else of it',
    event => {
      expect(readSignRequest(handedOn(event))).toEqual({ ok: true, value: REQUEST });
    },
  );

  test.each([
    scanFailedEvent(IMAGE, nextFailedScan(undefined, { cause: 'BUILD_FAULT', detail: 'x' }, NOW), {}),
    trustedEvent(IMAGE, summary(verdict()), []),
    revokedEvent(IMAGE, summary(failing()), []),
  ])('$detailType asks for nothing', event => {
    expect(readSignRequest(handedOn(event))).toEqual({ ok: true, value: undefined });
  });

  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['text', 'x'],
    ['a version of tomorrow', { ...REQUEST, version: 2 }],
    ['no image', { ...REQUEST, image: 'team/app:v1' }],
    ['an id that is a path', { ...REQUEST, verdictId: '../x' }],
    ['no verdict', { version: 1, image: IMAGE }],
    ['a scan request', { version: 1, image: IMAGE, reason: 'push', at: NOW.toISOString() }],
    ['an event of another source', handedOn(withEmptyOutbox, { source: 'aws.ecr' })],
    ['an event of another type', handedOn(withEmptyOutbox, { 'detail-type': DetailType.scanFailed })],
  ])('%s is refused', (_, body) => {
    expect(readSignRequest(body)).toMatchObject({
      ok: false,
      error: expect.stringMatching(/^neither a published verdict nor a request to sign: .{0,450}$/),
    });
  });
});
