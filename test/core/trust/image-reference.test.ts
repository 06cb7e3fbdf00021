import * as fc from 'fast-check';
import { imageName, imageReference } from '../../../src/core/image';
import { readImageReference, type AllowedRegistry } from '../../../src/core/trust/image-reference';
import { images } from '../support/arbitraries';
import { HOSTILE } from '../support/hostile';
import { DIGEST, IMAGE } from '../support/made';

const HOST = '000000000000.dkr.ecr.us-east-1.amazonaws.com';
const OURS: AllowedRegistry = { host: HOST, account: '000000000000', region: 'us-east-1' };
const REPLICA: AllowedRegistry = { host: '000000000000.dkr.ecr.eu-west-1.amazonaws.com', account: '000000000000', region: 'us-east-1' };
const read = (reference: unknown, registries = [OURS, REPLICA]) => readImageReference(reference, registries);

describe('a reference that names one image', () => {
  test.each([
    `${HOST}/team/app@${DIGEST}`,
    `${HOST}/team/app:v1@${DIGEST}`, // the digest is what runs
    `${HOST}/team/app:${'x'.repeat(128)}@${DIGEST}`,
  ])('%s', reference => {
    expect(read(reference)).toEqual({ ok: true, value: IMAGE });
  });

  test('in a replica: it is judged as the image that was copied', () => {
    expect(read(`${REPLICA.host}/team/app@${DIGEST}`)).toEqual({ ok: true, value: IMAGE });
  });

  test('in a registry on a port, where that is what is allowed', () => {
    const local = { ...OURS, host: 'localhost:5000' };
    expect(read(`localhost:5000/team/app@${DIGEST}`, [local])).toEqual({ ok: true, value: IMAGE });
    expect(read(`localhost:5001/team/app@${DIGEST}`, [local])).toMatchObject({ ok: false, error: { reason: 'UNKNOWN_REGISTRY' } });
  });

  test('every image, as registry clients write it', () => {
    fc.assert(fc.property(images(), image => {
      const host = `${image.account}.dkr.ecr.${image.region}.amazonaws.com`;
      expect(read(imageReference(image, 'amazonaws.com'), [{ ...image, host }])).toEqual({ ok: true, value: imageName(image) });
    }));
  });
});

describe('another registry: hosts are compared whole (rule 5.7)', () => {
  test.each([
    `${HOST}.evil.io`,
    `${HOST}.`,
    `${HOST}:443`,
    `${HOST}:443:443`,
    `x${HOST}`,
    `x.${HOST}`,
    `evil.io#${HOST}`,
    `evil.io?${HOST}`,
    `evil.io\\${HOST}`,
    HOST.toUpperCase(),
    HOST.replace('amazonaws', 'amazonaws\u200b'),
    HOST.replace('000000000000', '111111111111'),
    HOST.replace('us-east-1', 'us-east-2'),
    HOST.replace('.com', '.com.cn'),
    HOST.replaceAll('.', 'x'),
    ` ${HOST}`,
    `${HOST} `,
    `${HOST}\n`,
    'docker.io',
    'public.ecr.aws',
  ])('%j', host => {
    expect(read(`${host}/team/app@${DIGEST}`)).toMatchObject({ ok: false, error: { trusted: false, reason: 'UNKNOWN_REGISTRY' } });
  });

  test.each<[string, string]>([
    ['a path before the host', `evil.io/${HOST}/team/app@${DIGEST}`],
    ['a scheme', `https://${HOST}/team/app@${DIGEST}`],
    ['a dynamic reference', `{{resolve:ssm:/x}}/team/app@${DIGEST}`],
    ['two slashes at the start', `evil.io//${HOST}/team/app@${DIGEST}`],
  ])('%s', (_, reference) => {
    expect(read(reference)).toMatchObject({ ok: false, error: { reason: 'UNKNOWN_REGISTRY' } });
  });

  test('names those that are allowed', () => {
    const detail = (registries: AllowedRegistry[]) => read(`evil.io/team/app@${DIGEST}`, registries);
    expect(detail([OURS, REPLICA])).toMatchObject({ error: { says: `evil.io/team/app@${DIGEST} is refused: it lies in a registry that is not allowed here (allowed: ${HOST}, ${REPLICA.host})` } });
    expect(detail([])).toMatchObject({ error: { says: expect.stringContaining('(allowed: none)') } });
  });
});

describe('what is not named by digest (rule 5.7)', () => {
  test.each<[string, string]>([
    ['a tag', `${HOST}/team/app:v1`],
    ['no tag', `${HOST}/team/app`],
    ['no registry', `team@${DIGEST}`],
    ['a digest alone', DIGEST],
    ['a digest in capitals', `${HOST}/team/app@${DIGEST.toUpperCase()}`],
    ['half a digest', `${HOST}/team/app@${DIGEST.slice(0, -1)}`],
    ['a digest and more', `${HOST}/team/app@${DIGEST}a`],
    ['a line after it', `${HOST}/team/app@${DIGEST}\n`],
    ['another algorithm', `${HOST}/team/app@sha512:${'a'.repeat(128)}`],
    ['a digest as a tag', `${HOST}/team/app:${DIGEST.replace(':', '-')}`],
    ['two digests', `${HOST}/team/app@${DIGEST}@${DIGEST}`],
    ['userinfo', `user:password@${HOST}/team/app@${DIGEST}`],
    ['a registry as userinfo', `${HOST}@evil.io/team/app@${DIGEST}`],
    ['two tags', `${HOST}/team/app:v1:v2@${DIGEST}`],
    ['an empty tag', `${HOST}/team/app:@${DIGEST}`],
    ['a tag with a path', `${HOST}/team/app:v1/x@${DIGEST}`],
    ['a port after the path', `${HOST}/team:5000/app@${DIGEST}`],
    ['no repository', `${HOST}/@${DIGEST}`],
    ['no host', `/team/app@${DIGEST}`],
    ['an unresolved reference', '{{resolve:ssm:/image}}'],
    ['nothing', ''],
  ])('%s', (_, reference) => {
    expect(read(reference)).toMatchObject({ ok: false, error: { trusted: false, reason: 'TAG_NOT_DIGEST' } });
  });

  test.each(['Team/app', 'team/App', '../app', 'team//app', '/team/app', 'team/app/', 'team/app ', 'a', 'team/äpp', `team/${'x'.repeat(256)}`, 'team/app%2f'])('the repository %j', repository => {
    expect(read(`${HOST}/${repository}@${DIGEST}`)).toMatchObject({ ok: false, error: { reason: 'LOOKUP_FAILED', says: expect.stringContaining('no name that Amazon ECR knows') } });
  });

  test.each<[unknown, string]>([
    [undefined, 'undefined'], [null, 'object'], [1, 'number'], [[`${HOST}/team/app@${DIGEST}`], 'object'], [{ toString: () => `${HOST}/team/app@${DIGEST}` }, 'object'],
  ])('%j is no text', (reference, type) => {
    expect(read(reference)).toMatchObject({ ok: false, error: { reason: 'LOOKUP_FAILED', says: `what should run is refused: it could not be looked up (its image is no text but ${type})` } });
  });
});

test('whatever it is, it is refused in one line, or names an image of an allowed registry', () => {
  const pieces = fc.array(fc.constantFrom(HOST, DIGEST, 'team/app', '@', '/', ':', '.', 'v1', 'evil.io', ...HOSTILE), { maxLength: 8 }).map(parts => parts.join(''));
  fc.assert(fc.property(fc.oneof(pieces, fc.string({ unit: 'binary' })), reference => {
    const found = read(reference);
    if (found.ok) expect([reference.split('/')[0], found.value.slice(-DIGEST.length)]).toEqual([HOST, reference.slice(-DIGEST.length)]);
    else expect(found.error.says).toMatch(/^[^\n\r\u001b\u202e]{1,700}$/u);
  }), { numRuns: 500 });
});
