import { brake } from '../../../src/core/doctor/brake';
import type { KnownImage } from '../../../src/core/doctor/known-image';
import { NO_BRAKE, type BrakeRelease, type BrakeState } from '../../../src/core/register/revocation-brake';
import { IMAGE, minutes, NOW, scanId } from '../support/made';

const DAY = 24 * 60;
const PULLED = {
  at: NOW.toISOString(),
  until: minutes(DAY).toISOString(),
  because: 'more than 20 % of the trusted images failed policy within an hour',
};
const RELEASED: BrakeRelease = {
  releaseId: scanId(9),
  pulledAt: PULLED.at,
  releasedAt: minutes(30).toISOString(),
  until: minutes(30 + DAY).toISOString(),
  releasedBy: 'arn:aws:iam::000000000000:role/OnCall',
  justification: 'the rule is meant',
  ticket: 'INC-1',
};

/** So many images are held, each until a minute after the one before. */
function register(held: number, state?: BrakeState) {
  const images = Array.from({ length: held }, (_, at): [string, KnownImage] => [
    `${IMAGE}${at}`,
    { pk: IMAGE, held: { until: minutes(60 + at).toISOString() } },
  ]);
  return { images: new Map(images), slots: undefined, ...(state !== undefined && { brake: state }) };
}

const HELD =
  /^holds 2 images since .*Z, and ends at .*Z: more than 20 % .*; gates admit the last one until .*Z$/;
test.each<[string, number, BrakeState | undefined, number, string, RegExp]>([
  ['there is none', 0, undefined, 0, 'ok', /^holds nothing$/],
  ['failures are counted', 0, { ...NO_BRAKE, failed: { a: 1 } }, 0, 'ok', /^holds nothing$/],
  ['it holds two', 2, { ...NO_BRAKE, pulled: PULLED }, 40, 'found', HELD],
  [
    'it is pulled, and holds none yet',
    0,
    { ...NO_BRAKE, pulled: PULLED },
    0,
    'found',
    /^holds 0 images since /,
  ],
  ['its day is over', 0, { ...NO_BRAKE, pulled: PULLED }, DAY, 'ok', /^holds nothing$/],
  [
    'its day is over, but not for a row',
    1,
    { ...NO_BRAKE, pulled: PULLED },
    DAY,
    'found',
    /^holds 1 image although it has ended; gates/,
  ],
  [
    'its row is lost, but not those of images',
    1,
    undefined,
    0,
    'found',
    /^holds 1 image although it has ended; gates/,
  ],
  [
    'somebody released it',
    0,
    { ...NO_BRAKE, released: RELEASED },
    40,
    'ok',
    /^holds nothing; released at .* by arn:aws:iam::000000000000:role\/OnCall, ticket INC-1: nothing is held until /,
  ],
  ['a release is a day ago', 0, { ...NO_BRAKE, released: RELEASED }, 30 + DAY, 'ok', /^holds nothing$/],
  [
    'somebody released it, and images are not revoked yet',
    2,
    { ...NO_BRAKE, released: RELEASED },
    31,
    'found',
    /^holds 2 images although it has ended; released at .*; gates admit the last one until /,
  ],
])('the brake on revocations: %s', (_, held, state, after, answer, value) => {
  const look = brake(register(held, state), minutes(after));
  expect(look).toMatchObject({ state: answer, value: expect.stringMatching(value), limit: 'holds nothing' });
  if (answer === 'found') expect(look.remedy).toMatch(/brake release$|^wait for some minutes/);
});
