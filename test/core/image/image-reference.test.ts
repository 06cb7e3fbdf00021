import * as fc from 'fast-check';
import { ECR_HOSTS, INVALID, NOT_ECR_HOSTS, NOT_IN_ECR, VALID, VALID_SHA512 } from './references';
import { imageReference, type Image } from '../../../src/core/image/image';
import {
  readEcrReference,
  readImageReference,
  type ImageReference,
} from '../../../src/core/image/image-reference';
import { images } from '../support/arbitraries';
import { HOSTILE } from '../support/hostile';
import { DIGEST, IMAGE } from '../support/made';

const HOST = '000000000000.dkr.ecr.us-east-1.amazonaws.com';
const REPOSITORY = { account: '000000000000', region: 'us-east-1', repository: 'team/app' };

describe('any reference', () => {
  test.each([...VALID, VALID_SHA512])('%j', (text, named) => {
    const read = readImageReference(text);
    expect(read).toEqual({ ok: true, value: { ...named, name: expect.any(String) } });
    const { name, tag, digest } = (read as { value: ImageReference }).value;
    expect(`${name}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`).toBe(
      text,
    );
  });

  test.each(INVALID)('%j is none', text => {
    expect(readImageReference(text)).toEqual({ ok: false, error: expect.stringMatching(/^(?:is|has) /) });
  });

  test.each(ECR_HOSTS)('in %s by %s', (region, host) => {
    expect(readImageReference(`${host}/team/app:v1`)).toEqual({
      ok: true,
      value: {
        name: `${host}/team/app`,
        host,
        path: 'team/app',
        tag: 'v1',
        ecr: { account: '000000000000', region, repository: 'team/app' },
      },
    });
  });

  test.each(NOT_ECR_HOSTS)('%s is another registry', host => {
    const read = readImageReference(`${host}/team/app:v1`);
    expect(read).toMatchObject({ ok: true, value: { host } });
    expect(read).not.toHaveProperty('value.ecr');
  });

  test.each(NOT_IN_ECR)('the repository %s, but not in Amazon ECR', path => {
    expect(readImageReference(`ghcr.io/${path}:v1`)).toMatchObject({ ok: true, value: { path } });
    expect(readImageReference(`${HOST}/${path}:v1`)).toEqual({
      ok: false,
      error: 'has a repository whose name Amazon ECR does not allow',
    });
  });
});

describe('in Amazon ECR', () => {
  test.each<[string, object]>([
    [`${HOST}/team/app@${DIGEST}`, { digest: DIGEST }],
    [`${HOST}/team/app:v1@${DIGEST}`, { digest: DIGEST, tag: 'v1' }],
    [`${HOST}/team/app:v1`, { tag: 'v1' }],
    [`${HOST}/team/app:${'x'.repeat(128)}`, { tag: 'x'.repeat(128) }],
    [`${HOST}/team/app`, {}],
    [IMAGE, { digest: DIGEST }],
  ])('%s', (reference, which) => {
    expect(readEcrReference(reference)).toEqual({ ok: true, value: { ...REPOSITORY, ...which } });
  });

  test.each(ECR_HOSTS)('images of %s by %s', (region, host) => {
    expect(readEcrReference(`${host}/team/app@${DIGEST}`)).toMatchObject({ ok: true, value: { region } });
  });

  test('every image, as registry clients write it', () => {
    fc.assert(
      fc.property(images(), image => {
        const suffix = image.region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
        expect(readEcrReference(imageReference(image, suffix))).toEqual({
          ok: true,
          value: image as Image,
        });
      }),
    );
  });
});

test.each([...VALID.map(([text]) => text), VALID_SHA512[0], ...INVALID])('%j is not in Amazon ECR', text => {
  expect(readEcrReference(text)).toMatchObject({ ok: false });
});

describe('another registry: hosts are compared whole (rule 5.7, fail closed)', () => {
  test.each([
    `${HOST}.evil.io`,
    `${HOST}.`,
    `${HOST}:443`,
    `x${HOST}`,
    `x.${HOST}`,
    `evil.io#${HOST}`,
    `evil.io?${HOST}`,
    `evil.io\\${HOST}`,
    HOST.toUpperCase(),
    HOST.replace('amazonaws', 'amazonaws\u200b'),
    HOST.replace('.com', '.com.cn'),
    HOST.replace('us-east-1', 'cn-north-1'),
    HOST.replaceAll('.', 'x'),
    HOST.replace('000000000000', '0'),
    HOST.replace('us-east-1', 'us-east-1.us-east-2'),
    ` ${HOST}`,
    `${HOST} `,
    `${HOST}\n`,
    'docker.io',
    'public.ecr.aws',
    'localhost:5000',
  ])('%j', host => {
    expect(readEcrReference(`${host}/team/app@${DIGEST}`)).toMatchObject({ ok: false });
  });

  test.each([
    `evil.io/${HOST}/team/app@${DIGEST}`,
    `https://${HOST}/team/app@${DIGEST}`,
    `{{resolve:ssm:/x}}/team/app@${DIGEST}`,
    `evil.io//${HOST}/team/app@${DIGEST}`,
    `user:password@${HOST}/team/app@${DIGEST}`,
    `${HOST}@evil.io/team/app@${DIGEST}`,
    `team/app@${DIGEST}`,
    `team@${DIGEST}`,
  ])('%s', reference => {
    expect(readEcrReference(reference)).toMatchObject({
      ok: false,
      error: expect.stringContaining(
        'allowed: <account>.dkr.ecr.<region>.amazonaws.com/<repository>@sha256:<64 hex>',
      ),
    });
  });
});

describe('what is no reference', () => {
  test.each<[string, string]>([
    ['a digest in capitals', `${HOST}/team/app@${DIGEST.toUpperCase()}`],
    ['half a digest', `${HOST}/team/app@${DIGEST.slice(0, -1)}`],
    ['a digest and more', `${HOST}/team/app@${DIGEST}a`],
    ['a line after it', `${HOST}/team/app@${DIGEST}\n`],
    ['another algorithm', `${HOST}/team/app@sha512:${'a'.repeat(128)}`],
    ['two digests', `${HOST}/team/app@${DIGEST}@${DIGEST}`],
    ['two tags', `${HOST}/team/app:v1:v2@${DIGEST}`],
    ['an empty tag', `${HOST}/team/app:@${DIGEST}`],
    ['a tag that is too long', `${HOST}/team/app:${'x'.repeat(129)}`],
    ['a tag with a path', `${HOST}/team/app:v1/x@${DIGEST}`],
    ['no repository', `${HOST}/@${DIGEST}`],
    ['no host', `/team/app@${DIGEST}`],
    ['a digest alone', DIGEST],
    ['nothing', ''],
  ])('%s', (_, reference) => {
    expect(readEcrReference(reference)).toMatchObject({ ok: false });
  });

  test.each([
    'Team/app',
    '../app',
    'team//app',
    '/team/app',
    'team/app/',
    'team/app ',
    'a',
    'team/äpp',
    `team/${'x'.repeat(256)}`,
    'team/app%2f',
  ])('the repository %j', repository => {
    expect(readEcrReference(`${HOST}/${repository}@${DIGEST}`)).toMatchObject({ ok: false });
  });
});

test('whatever it is, it is refused in one line, or names an image of its own registry', () => {
  const pieces = fc
    .array(fc.constantFrom(HOST, DIGEST, 'team/app', '@', '/', ':', '.', 'v1', 'evil.io', ...HOSTILE), {
      maxLength: 8,
    })
    .map(parts => parts.join(''));
  fc.assert(
    fc.property(fc.oneof(pieces, fc.string({ unit: 'binary' })), reference => {
      const found = readEcrReference(reference);
      if (found.ok) {
        expect([reference.split('/')[0], found.value]).toEqual([
          HOST,
          expect.objectContaining({ account: '000000000000', region: 'us-east-1' }),
        ]);
      } else {
        expect(found.error).toMatch(/^[^\n\r\u001b\u202e]{1,1500}$/u);
      }
    }),
    { numRuns: 500 },
  );
});
