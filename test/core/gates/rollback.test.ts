import type { Admitted } from '../../../src/core/gates/admitted';
import {
  choiceFromLookup,
  choiceFromMemory,
  isRollback,
  type GateChoice,
  type GateRequest,
} from '../../../src/core/gates/rollback';
import { imageOf } from '../../../src/core/image/image';
import { DIGEST, IMAGE } from '../support/made';

const OTHER = IMAGE.replace(DIGEST, `sha256:${'b'.repeat(64)}`);
const THIRD = IMAGE.replace(DIGEST, `sha256:${'c'.repeat(64)}`);
const ELSEWHERE = OTHER.replace('team/app', 'team/other');

const v1: Admitted = { image: IMAGE, reference: 'v1' };
const v2: Admitted = { image: OTHER, reference: 'v2' };
const untrusted = (admitted: Admitted): Admitted => ({ ...admitted, anyway: true });

const { account, region, repository } = imageOf(IMAGE);
const named = { Account: account, Region: region, Repository: repository };
const TAG = { ...named, Tag: 'v1', Enforcement: 'REFUSE' as const };
const AUDIT = { ...TAG, Enforcement: 'AUDIT' as const };
const BY_DIGEST = { ...named, Digest: DIGEST, Enforcement: 'REFUSE' as const };
const BACK = 'UPDATE_ROLLBACK_IN_PROGRESS';

/** As the use case puts them together: the tag is looked up only where the memory does not decide. */
function choice(request: GateRequest, located: string | undefined): GateChoice {
  return choiceFromMemory(request) ?? choiceFromLookup(request, located);
}

test.each<[boolean, string, GateRequest]>([
  [true, 'an update that is rolled back', { properties: TAG, memory: { last: v1 }, stackStatus: BACK }],
  [
    true,
    'a creation that is rolled back',
    { properties: TAG, memory: { last: v1 }, stackStatus: 'ROLLBACK_IN_PROGRESS' },
  ],
  [false, 'an update', { properties: TAG, memory: { last: v1 }, stackStatus: 'UPDATE_IN_PROGRESS' }],
  [
    false,
    'a failed rollback',
    { properties: TAG, memory: { last: v1 }, stackStatus: 'UPDATE_ROLLBACK_FAILED' },
  ],
  [false, 'an unknown status', { properties: TAG, memory: { last: v1 } }],
  [false, 'a resource without a memory', { properties: TAG, stackStatus: BACK }],
])('%s: %s', (is, _what, request) => {
  expect(isRollback(request)).toBe(is);
});

describe('a deployment that is not a rollback', () => {
  const unchanged = { properties: TAG, previousEnforcement: 'REFUSE' };

  test.each<[string, GateRequest, GateChoice['rollback']]>([
    ['of a new resource is judged', { properties: TAG }, 'NO'],
    [
      'of an update is judged',
      { ...unchanged, memory: { last: v1 }, stackStatus: 'UPDATE_IN_PROGRESS' },
      'NO',
    ],
    [
      'of the image that runs is kept, if the status is unknown',
      { ...unchanged, memory: { last: v1 } },
      'UNKNOWN',
    ],
    ['of another image is judged', { ...unchanged, memory: { last: v2, before: v1 } }, 'NO'],
    ['of an image that was never trusted is judged', { ...unchanged, memory: { last: untrusted(v1) } }, 'NO'],
    [
      'of an image that was never trusted is kept by an audit',
      { properties: AUDIT, previousEnforcement: 'AUDIT', memory: { last: untrusted(v1) } },
      'UNKNOWN',
    ],
    [
      'that was an audit before is judged',
      { properties: TAG, previousEnforcement: 'AUDIT', memory: { last: v1 } },
      'NO',
    ],
  ])('%s', (_what, request, rollback) => {
    expect(choiceFromMemory(request)).toBeUndefined();
    expect(choiceFromLookup(request, IMAGE)).toEqual({ image: IMAGE, rollback });
  });

  test('whose tag names no image is an error', () => {
    expect(() => choiceFromLookup({ properties: TAG }, undefined)).toThrow(
      'the repository team/app has no image with the tag "v1": push it first, then deploy',
    );
  });
});

describe('a rollback', () => {
  const back = { properties: TAG, stackStatus: BACK };

  test.each<[string, GateRequest, string]>([
    ['the last image that had its tag', { ...back, memory: { last: v1 } }, IMAGE],
    ['the image before that had its tag', { ...back, memory: { last: v2, before: v1 } }, IMAGE],
    ['an image whose tag is not remembered', { ...back, memory: { last: { image: IMAGE } } }, IMAGE],
    [
      'of an audit: also an image that was never trusted',
      { ...back, properties: AUDIT, memory: { last: untrusted(v1) } },
      IMAGE,
    ],
  ])('keeps, without a lookup, %s', (_what, request, image) => {
    expect(choiceFromMemory(request)).toEqual({ image, rollback: 'YES' });
  });

  test.each<[string, GateRequest, string]>([
    ['the digest of the template', { ...back, properties: BY_DIGEST, memory: { last: v2 } }, IMAGE],
    ['the image that the tag names now', { ...back, memory: { last: v2 } }, THIRD],
    [
      'the same digest in another repository than it ran from',
      { ...back, properties: BY_DIGEST, memory: { last: { ...v2, image: ELSEWHERE } } },
      IMAGE,
    ],
  ])('judges what was never admitted here: %s', (_what, request, located) => {
    expect(choice(request, located)).toEqual({ image: located, rollback: 'NO' });
  });

  test.each<[string, GateRequest, string | undefined, string]>([
    [
      'the digest of the template, which was admitted last',
      { ...back, properties: BY_DIGEST, memory: { last: v1 } },
      IMAGE,
      IMAGE,
    ],
    [
      'the digest of the template, which was admitted before',
      { ...back, properties: BY_DIGEST, memory: { last: v2, before: v1 } },
      IMAGE,
      IMAGE,
    ],
    [
      'the digest of the template, although it was never trusted: there is no other',
      { ...back, properties: BY_DIGEST, memory: { last: v2, before: untrusted(v1) } },
      IMAGE,
      IMAGE,
    ],
    [
      'the image that is remembered, if the tag names none',
      { ...back, memory: { last: v2 } },
      undefined,
      OTHER,
    ],
    [
      'a trusted image rather than one that was never trusted',
      { ...back, memory: { last: untrusted(v1), before: v2 } },
      undefined,
      OTHER,
    ],
    [
      'an image that was never trusted, if there is no other',
      { ...back, memory: { last: untrusted(v1) } },
      undefined,
      IMAGE,
    ],
    [
      'a trusted image, though the tag names one that was never trusted',
      { ...back, memory: { last: untrusted({ image: THIRD, reference: 'v3' }), before: v2 } },
      THIRD,
      OTHER,
    ],
  ])('keeps, after a lookup, %s', (_what, request, located, image) => {
    expect(choiceFromMemory(request)).toBeUndefined();
    expect(choice(request, located)).toEqual({ image, rollback: 'YES' });
  });

  test('never keeps a digest of another repository, and says what to push where there is no image', () => {
    const request = { ...back, memory: { last: { image: ELSEWHERE, reference: 'v1' } } };
    expect(choice(request, IMAGE)).toEqual({ image: IMAGE, rollback: 'NO' });
    expect(() => choice(request, undefined)).toThrow(
      'no image that was admitted here is in the repository team/app, and its tag "v1" names no image: push it again, then continue the rollback',
    );
  });
});
