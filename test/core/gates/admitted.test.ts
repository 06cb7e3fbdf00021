import * as fc from 'fast-check';
import { admittedAs, idAfter, lastIn, readId, remembered, writeId, type Memory } from '../../../src/core/gates/admitted';
import { imageName, imageOf } from '../../../src/core/image';
import { images } from '../support/arbitraries';
import { DIGEST, IMAGE } from '../support/made';

const OTHER = IMAGE.replace(DIGEST, `sha256:${'b'.repeat(64)}`);
const ELSEWHERE = OTHER.replace('team/app', 'team/b');
const v1 = { image: IMAGE, reference: 'v1' };
const v2 = { image: OTHER, reference: 'v2' };
const of = (image: string, Tag: string) => {
  const { account, region, repository } = imageOf(image);
  return { Account: account, Region: region, Repository: repository, Tag, Enforcement: 'REFUSE' as const };
};

describe('the physical id of a gate\'s resource', () => {
  const reference = fc.option(fc.oneof(fc.constant(DIGEST), fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/)), { nil: undefined });
  const admitted = fc.tuple(images().map(imageName), reference).map(([image, name]) => ({ image, ...(name !== undefined && { reference: name }) }));

  test('says what it was written of, and fits', () => {
    fc.assert(fc.property(admitted, fc.option(admitted, { nil: undefined }), (last, before) => {
      const memory: Memory = { last, ...(before !== undefined && { before }) };
      expect(readId(writeId(memory))).toEqual(memory);
    }), { numRuns: 200 });
  });

  test('has at most 1,000 of the 1,024 characters that CloudFormation takes', () => {
    const longest = { image: imageName({ account: '0'.repeat(12), region: 'ap-southeast-7', repository: 'r'.repeat(256), digest: DIGEST }), reference: 't'.repeat(128) };
    expect(writeId({ last: longest, before: longest }).length).toBe(971);
  });

  test.each<[string, Memory | undefined]>([
    [IMAGE, { last: { image: IMAGE } }], // of before it said more
    [`${IMAGE}#v1`, { last: v1 }],
    [`${IMAGE}#${DIGEST}`, { last: { image: IMAGE, reference: DIGEST } }],
    [`${OTHER}#v2,${IMAGE}`, { last: v2, before: { image: IMAGE } }],
    [`${OTHER}#v2,${IMAGE}#v1`, { last: v2, before: v1 }],
    [`${OTHER}#v2,nothing`, { last: v2 }],
    [`${IMAGE}#not a tag`, { last: { image: IMAGE } }],
    [`${IMAGE}#v1#v2`, { last: { image: IMAGE } }],
    ['', undefined],
    ['never-made', undefined],
    ['AWSCDK::CustomResourceProviderFramework::CREATE_FAILED', undefined],
    [`never-made,${IMAGE}#v1`, undefined],
  ])('%s is read', (id, memory) => {
    expect(readId(id)).toEqual(memory);
  });

  test('what no registry takes for a tag is not written', () => {
    expect(writeId({ last: { image: IMAGE, reference: `v1,${OTHER}#v2` } })).toBe(IMAGE);
  });
});

describe('after an image was admitted', () => {
  test.each([
    ['the first one', 'never-made', v1, `${IMAGE}#v1`],
    ['another one', `${IMAGE}#v1`, v2, `${OTHER}#v2,${IMAGE}#v1`],
    ['the third one: the first is forgotten', `${OTHER}#v2,${IMAGE}#v1`, { image: ELSEWHERE, reference: 'v3' }, `${ELSEWHERE}#v3,${OTHER}#v2`],
    ['the same one', `${OTHER}#v2,${IMAGE}#v1`, v2, `${OTHER}#v2,${IMAGE}#v1`],
    ['the same one under another tag', `${IMAGE}#v1`, { image: IMAGE, reference: 'v2' }, `${IMAGE}#v2,${IMAGE}#v1`],
    ['one after an id that did not say its tag', IMAGE, v2, `${OTHER}#v2,${IMAGE}`],
  ])('%s', (_, before, admitted, after) => {
    expect(idAfter(before, admitted)).toBe(after);
  });

  test('its name is the tag, or else the digest', () => {
    expect([admittedAs(IMAGE, { Tag: 'v1' }), admittedAs(IMAGE, { Digest: DIGEST })]).toEqual([v1, { image: IMAGE, reference: DIGEST }]);
  });
});

test.each<[string, Memory, string, string | undefined, string | undefined]>([
  ['the last one', { last: v1 }, 'v1', IMAGE, IMAGE],
  ['the one before', { last: v2, before: v1 }, 'v1', IMAGE, OTHER],
  ['the last one of two that had one tag', { last: { ...v2, reference: 'v1' }, before: v1 }, 'v1', OTHER, OTHER],
  ['one whose tag is not known, where no other is', { last: v2, before: { image: IMAGE } }, 'v1', IMAGE, OTHER],
  ['not one whose tag is not known, where another is', { last: { image: OTHER }, before: v1 }, 'v1', IMAGE, OTHER],
  ['none of other tags', { last: v2, before: v1 }, 'v3', undefined, OTHER],
  ['none that was named by its digest', { last: { image: IMAGE, reference: DIGEST } }, 'v1', undefined, IMAGE],
  ['the one before, where the last one lies elsewhere', { last: { image: ELSEWHERE, reference: 'v1' }, before: v1 }, 'v1', IMAGE, IMAGE],
  ['none that lies elsewhere', { last: { image: ELSEWHERE, reference: 'v1' } }, 'v1', undefined, undefined],
])('remembers %s', (_, memory, tag, known, last) => {
  expect(remembered(memory, of(IMAGE, tag))).toBe(known);
  expect(lastIn(memory, of(IMAGE, tag))).toBe(last);
});
