import * as fc from 'fast-check';
import { Image, imageName, imageReference, parseImageName, sibling } from '../../../src/core/image/image';
import { images } from '../support/arbitraries';
import { DIGEST, IMAGE } from '../support/made';

describe('the name of an image', () => {
  test('is the whole of its identity', () => {
    fc.assert(
      fc.property(images(), image => {
        expect(parseImageName(imageName(image))).toEqual({ ok: true, value: image });
      }),
      { numRuns: 100 },
    );
  });

  test.each([
    'us-east-1',
    'ap-southeast-5',
    'us-gov-west-1',
    'cn-northwest-1',
    'us-isob-east-1',
    'eusc-de-east-1',
  ])('%s is a region', region => {
    expect(
      Image.safeParse({ account: '000000000000', region, repository: 'team/app', digest: DIGEST }).success,
    ).toBe(true);
  });

  test.each([
    IMAGE.replace('@', ':latest@'),
    IMAGE.replace('sha256:', 'sha512:'),
    IMAGE.slice(0, -1),
    `${IMAGE}0`,
    IMAGE.replace('team/app', 'team/../app'),
    IMAGE.replace('team/app', 'Team/app'),
    IMAGE.replace('team/app', 'team//app'),
    IMAGE.replace('team/app', '/app'),
    IMAGE.replace('team/app', 'a'),
    IMAGE.replace('team/app', 'a'.repeat(257)),
    IMAGE.replace('team/app', `team/app@${DIGEST}`),
    IMAGE.replace('000000000000', '0'),
    IMAGE.replace('us-east-1', 'us'),
    `${IMAGE}\n`,
    ` ${IMAGE}`,
    DIGEST,
    '',
  ])('%j is none', name => {
    expect(parseImageName(name).ok).toBe(false);
  });

  test('any text is an image or is refused', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), text => typeof parseImageName(text).ok === 'boolean'),
      { numRuns: 100 },
    );
  });

  test('how a registry client asks for it, and for another digest beside it', () => {
    const image = { account: '000000000000', region: 'cn-north-1', repository: 'team/app', digest: DIGEST };
    const other = `sha256:${'b'.repeat(64)}`;
    expect(imageReference(sibling(image, other), 'amazonaws.com.cn')).toBe(
      `000000000000.dkr.ecr.cn-north-1.amazonaws.com.cn/team/app@${other}`,
    );
  });
});
