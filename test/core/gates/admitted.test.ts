import * as fc from 'fast-check';
import {
  idAfter,
  readId,
  remembered,
  wasTrusted,
  writeId,
  type Memory,
} from '../../../src/core/gates/admitted';
import { imageName, imageOf } from '../../../src/core/image/image';
import { images } from '../support/arbitraries';
import { DIGEST, IMAGE } from '../support/made';

const OTHER = IMAGE.replace(DIGEST, `sha256:${'b'.repeat(64)}`);
const ELSEWHERE = OTHER.replace('team/app', 'team/b');
const v1 = { image: IMAGE, reference: 'v1' };
const v2 = { image: OTHER, reference: 'v2' };
const v2Anyway = { ...v2, anyway: true } as const;
const of = (image: string, Tag: string) => {
  const { account, region, repository } = imageOf(image);
  return { Account: account, Region: region, Repository: repository, Tag, Enforcement: 'REFUSE' as const };
};

describe("the physical id of a gate's resource", () => {
  const reference = fc.option(
    fc.oneof(fc.constant(DIGEST), fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/)),
    { nil: undefined },
  );
  const admitted = fc.tuple(images().map(imageName), reference, fc.boolean()).map(([image, name, anyway]) => {
    return { image, ...(name !== undefined && { reference: name }), ...(anyway && ({ anyway } as const)) };
  });

  test('says what it was written of, and fits', () => {
    fc.assert(
      fc.property(admitted, fc.option(admitted, { nil: undefined }), (last, before) => {
        const memory: Memory = { last, ...(before !== undefined && { before }) };
        expect(readId(writeId(memory))).toEqual(memory);
      }),
      { numRuns: 200 },
    );
  });

  test('has at most 1,000 of the 1,024 characters that CloudFormation takes', () => {
    const longest = {
      image: imageName({
        account: '0'.repeat(12),
        region: 'ap-southeast-7',
        repository: 'r'.repeat(256),
        digest: DIGEST,
      }),
      reference: 't'.repeat(128),
      anyway: true,
    } as const;
    expect(writeId({ last: longest, before: longest }).length).toBe(985);
  });

  test.each<[string, Memory | undefined]>([
    [IMAGE, { last: { image: IMAGE } }], // of before it said more
    [`${IMAGE}#v1`, { last: v1 }],
    [`${IMAGE}#${DIGEST}`, { last: { image: IMAGE, reference: DIGEST } }],
    [`${OTHER}#v2,${IMAGE}`, { last: v2, before: { image: IMAGE } }],
    [`${OTHER}#v2,${IMAGE}#v1`, { last: v2, before: v1 }],
    [`${OTHER}#v2,nothing`, { last: v2 }],
    [`${OTHER}#v2#anyway,${IMAGE}#v1`, { last: v2Anyway, before: v1 }],
    [`${IMAGE}##anyway`, { last: { image: IMAGE, anyway: true } }],
    [`${IMAGE}#anyway`, { last: { image: IMAGE, reference: 'anyway' } }],
    // nobody here wrote these: nothing says that a gate found them trusted
    [`${IMAGE}#not a tag`, { last: { image: IMAGE, anyway: true } }],
    [`${IMAGE}#v1#v2`, { last: { image: IMAGE, anyway: true } }],
    [`${IMAGE}#v1#anyway#`, { last: { image: IMAGE, anyway: true } }],
    ['', undefined],
    ['never-made', undefined],
    ['not-admitted/1', undefined],
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
    [
      'the third one: the first is forgotten',
      `${OTHER}#v2,${IMAGE}#v1`,
      { image: ELSEWHERE, reference: 'v3' },
      `${ELSEWHERE}#v3,${OTHER}#v2`,
    ],
    ['the same one', `${OTHER}#v2,${IMAGE}#v1`, v2, `${OTHER}#v2,${IMAGE}#v1`],
    [
      'the same one under another tag',
      `${IMAGE}#v1`,
      { image: IMAGE, reference: 'v2' },
      `${IMAGE}#v2,${IMAGE}#v1`,
    ],
    ['one after an id that did not say its tag', IMAGE, v2, `${OTHER}#v2,${IMAGE}`],
  ])('%s', (_, before, admitted, after) => {
    expect(idAfter(before, admitted)).toBe(after);
  });

  test.each([
    ['let in anyway, it says so', `${IMAGE}#v1`, v2Anyway, `${OTHER}#v2#anyway,${IMAGE}#v1`],
    [
      'let in anyway a second time',
      `${OTHER}#v2#anyway,${IMAGE}#v1`,
      v2Anyway,
      `${OTHER}#v2#anyway,${IMAGE}#v1`,
    ],
    [
      'trusted later: the mark goes, and the one before stays',
      `${OTHER}#v2#anyway,${IMAGE}#v1`,
      v2,
      `${OTHER}#v2,${IMAGE}#v1`,
    ],
    [
      'trusted once: let in anyway, it is still one that was',
      `${OTHER}#v2,${IMAGE}#v1`,
      v2Anyway,
      `${OTHER}#v2,${IMAGE}#v1`,
    ],
    [
      'trusted once under another tag, too',
      `${IMAGE}#v1`,
      { image: IMAGE, reference: 'v2', anyway: true as const },
      `${IMAGE}#v2,${IMAGE}#v1`,
    ],
    ['the first one, let in anyway', 'not-admitted/1', v2Anyway, `${OTHER}#v2#anyway`],
  ])('%s', (_, before, admitted, after) => {
    expect(idAfter(before, admitted)).toBe(after);
  });
});

const ofV1 = { image: IMAGE };

test.each<[string, Memory, string, object[], object[]]>([
  ['the last one', { last: v1 }, 'v1', [v1], []],
  ['the one before', { last: v2, before: v1 }, 'v1', [v1], [v2]],
  [
    'of two that had one tag the last one first',
    { last: { ...v2Anyway, reference: 'v1' }, before: v1 },
    'v1',
    [{ ...v2Anyway, reference: 'v1' }, v1],
    [],
  ],
  ['one whose tag is not known', { last: v2, before: ofV1 }, 'v1', [ofV1], [v2]],
  [
    'one with that tag before one whose tag is not known',
    { last: { image: OTHER }, before: v1 },
    'v1',
    [v1, { image: OTHER }],
    [],
  ],
  ['others', { last: v2, before: v1 }, 'v3', [], [v2, v1]],
  [
    'one that was named by its digest among the others',
    { last: { image: IMAGE, reference: DIGEST } },
    'v1',
    [],
    [{ image: IMAGE, reference: DIGEST }],
  ],
  ['none that lies elsewhere', { last: { image: ELSEWHERE, reference: 'v1' }, before: v1 }, 'v1', [v1], []],
])('remembers %s', (_, memory, tag, named, others) => {
  expect(remembered(memory, of(IMAGE, tag))).toEqual({ named, others });
});

test('was trusted: only what was let in as that', () => {
  expect([IMAGE, OTHER, ELSEWHERE].map(image => wasTrusted({ last: v2Anyway, before: v1 }, image))).toEqual([
    true,
    false,
    false,
  ]);
});
