import { accepted, LIFE, problems } from './made';
import type { ImportDefaults } from '../../../src/core/waivers/imported';
import { fromOpenVex } from '../../../src/core/waivers/open-vex';
import { soon } from '../../support/soon';
import { DIGEST } from '../support/made';

const REGISTRY = '111122223333.dkr.ecr.eu-west-1.amazonaws.com';
const APP = `pkg:oci/app?repository_url=${REGISTRY}/team/app`;
const BASH = { '@id': 'pkg:deb/debian/bash@5.2.37-2' };

const statement = (changes: object = {}) => ({
  vulnerability: { name: 'CVE-2024-1' },
  products: [{ '@id': APP, subcomponents: [BASH] }],
  status: 'not_affected',
  justification: 'vulnerable_code_not_in_execute_path',
  ...changes,
});
const vex = (statements: object[], changes: object = {}) =>
  JSON.stringify(
    {
      '@context': 'https://openvex.dev/ns/v0.2.0',
      '@id': 'https://openvex.dev/docs/example/vex-1',
      author: 'Security <security@example.com>',
      timestamp: '2026-11-20T18:02:03.647787998-06:00',
      version: 1,
      statements,
      ...changes,
    },
    undefined,
    2,
  );
const convert = (text: string, defaults?: ImportDefaults, registries = [REGISTRY]) =>
  fromOpenVex(text, 'app.vex.json', { ...LIFE, registries, ...(defaults && { defaults }) });
const scopes = (...statements: object[]) =>
  accepted(convert(vex(statements)))
    .map(({ id, purl, repositories, digests }) =>
      [id, purl, repositories?.join(), digests?.join()].filter(Boolean).join(' '),
    )
    .sort();

describe('a statement', () => {
  test('not affected, with all that it says', () => {
    expect(
      accepted(
        convert(
          vex([
            statement({
              impact_statement: 'bash is never started',
              status_notes: 'seen by two',
              '@id': 'https://example.com/s/1',
            }),
          ]),
        ),
      ),
    ).toEqual([
      {
        id: 'CVE-2024-1',
        purl: 'pkg:deb/debian/bash@5.2.37-2',
        repositories: ['team/app'],
        owner: 'Security <security@example.com>',
        reason: 'not affected: vulnerable_code_not_in_execute_path; bash is never started; seen by two',
        ticket: 'https://example.com/s/1',
        accepted: '2026-11-21',
        expires: '2027-02-19',
        key: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
      },
    ]);
  });

  test('fixed, which needs no justification', () => {
    expect(accepted(convert(vex([statement({ status: 'fixed', justification: undefined })])))).toMatchObject([
      { reason: 'fixed: these versions contain a fix' },
    ]);
  });

  test.each(['affected', 'under_investigation'])('%s is no waiver', status => {
    expect(scopes(statement({ status, justification: undefined }))).toEqual([]);
  });

  test('each name of a vulnerability is one', () => {
    expect(
      scopes(
        statement({
          vulnerability: { name: 'CVE-1', aliases: ['GHSA-1', 'CVE-1'] },
          products: [{ '@id': APP }],
        }),
      ),
    ).toEqual(['CVE-1 team/app', 'GHSA-1 team/app']);
  });
});

describe('a life', () => {
  test.each([
    ['from the document', {}, {}, '2026-11-21 2027-02-19'],
    ['from the statement', { timestamp: '2026-11-01T00:00:00Z' }, {}, '2026-11-01 2027-01-30'],
    [
      'from its last update',
      { timestamp: '2026-11-01T00:00:00Z', last_updated: '2026-11-24T00:00:00Z' },
      {},
      '2026-11-24 2027-02-22',
    ],
    [
      'not from the last change of the document',
      {},
      { timestamp: '2026-11-02T00:00:00Z', last_updated: '2026-11-24T00:00:00Z' },
      '2026-11-02 2027-01-31',
    ],
    ['that is long over', {}, { timestamp: '2023-01-08T00:00:00Z' }, '2023-01-08 2023-04-08'],
  ])('%s', (_, changes, document, dates) => {
    expect(
      accepted(convert(vex([statement(changes)], document))).map(
        ({ accepted: from, expires }) => `${from} ${expires}`,
      ),
    ).toEqual([dates]);
  });

  test('a default may shorten it, and never prolongs it', () => {
    expect(accepted(convert(vex([statement()]), { expires: '2026-12-01' }))).toMatchObject([
      { expires: '2026-12-01' },
    ]);
    expect(accepted(convert(vex([statement()]), { expires: '2030-12-01' }))).toMatchObject([
      { expires: '2027-02-19' },
    ]);
  });

  test('a time that is yet to come is refused', () => {
    expect(problems(convert(vex([statement({ timestamp: '2027-01-01T00:00:00Z' })])))).toEqual([
      expect.stringMatching(/: CVE-2024-1: accepted is "2027-01-01", allowed: a day until today/),
    ]);
  });
});

describe('a product', () => {
  const hex = DIGEST.slice('sha256:'.length);
  test.each([
    ['a repository', { '@id': APP }, 'CVE-2024-1 team/app'],
    [
      'a repository, escaped',
      { '@id': `pkg:oci/app?repository_url=${REGISTRY}%2Fteam%2Fapp` },
      'CVE-2024-1 team/app',
    ],
    [
      'an image',
      { '@id': `pkg:oci/app@sha256%3A${hex}?repository_url=${REGISTRY}/team/app&arch=amd64&tag=1.0` },
      `CVE-2024-1 team/app ${DIGEST}`,
    ],
    ['a digest', { '@id': `pkg:oci/app@${DIGEST}` }, `CVE-2024-1 ${DIGEST}`],
    ['a hash', { hashes: { 'sha-256': hex, md5: 'x' } }, `CVE-2024-1 ${DIGEST}`],
    ['a repository and a hash', { '@id': APP, hashes: { 'sha-256': hex } }, `CVE-2024-1 team/app ${DIGEST}`],
    [
      'an identifier',
      { '@id': 'https://example.com/app', identifiers: { purl: APP, cpe23: 'cpe:2.3:a' } },
      'CVE-2024-1 team/app',
    ],
    [
      'a package of every version',
      { '@id': APP, subcomponents: [{ '@id': 'pkg:deb/debian/bash?arch=amd64' }] },
      'CVE-2024-1 pkg:deb/debian/bash@*?arch=amd64 team/app',
    ],
    [
      'a package by identifier',
      { '@id': APP, subcomponents: [{ identifiers: { purl: BASH['@id'] } }] },
      `CVE-2024-1 ${BASH['@id']} team/app`,
    ],
  ])('as %s', (_, product, scope) => {
    expect(scopes(statement({ products: [product] }))).toEqual([scope]);
  });

  test('that is a package has no scope: the defaults must give one', () => {
    const text = vex([statement({ products: [{ '@id': 'pkg:apk/wolfi/git@2.39.0-r1?arch=armv7' }] })]);
    expect(problems(convert(text))).toEqual([
      expect.stringMatching(
        /^app\.vex\.json:\d+:9: CVE-2024-1: the waiver has no scope, .* or set a default for all entries$/,
      ),
    ]);
    expect(accepted(convert(text, { repositories: ['team/**'] }))).toMatchObject([
      { purl: 'pkg:apk/wolfi/git@2.39.0-r1?arch=armv7', repositories: ['team/**'] },
    ]);
  });

  test('the scope that it names is not widened by a default', () => {
    expect(accepted(convert(vex([statement()]), { repositories: ['**'], digests: [DIGEST] }))).toMatchObject([
      { repositories: ['team/app'] },
    ]);
    expect(accepted(convert(vex([statement()]), { digests: [DIGEST] }))[0]).not.toHaveProperty('digests');
  });

  test.each([
    ['nothing', {}, /a product that is not a package URL and has no sha-256/],
    ['an address', { '@id': 'https://example.com/app' }, /a product that is not a package URL/],
    ['a CPE', { identifiers: { cpe23: 'cpe:2.3:a:b:c' } }, /a product that is not a package URL/],
    ['another hash', { hashes: { 'sha-512': 'ab' } }, /a product that is not a package URL/],
    ['a hash that is none', { hashes: { 'sha-256': 'ab' } }, /the sha-256 is "ab", allowed: 64 hex digits/],
    [
      'an image without a place',
      { '@id': 'pkg:oci/app' },
      /names no image, required: repository_url, a digest or both/,
    ],
    ['a tag', { '@id': `${APP}&tag=1.0` }, /has "tag", allowed without a digest: repository_url alone/],
    ['a platform', { '@id': `${APP}&arch=amd64` }, /has "arch", allowed without a digest/],
    [
      'a version that is none',
      { '@id': `pkg:oci/app@1.0?repository_url=${REGISTRY}/team/app` },
      /has the version "1.0", allowed: sha256/,
    ],
    [
      'two digests',
      { '@id': `pkg:oci/app@${DIGEST}`, hashes: { 'sha-256': 'b'.repeat(64) } },
      /has another digest in its hashes/,
    ],
    [
      'another registry',
      { '@id': 'pkg:oci/app?repository_url=ghcr.io/team/app' },
      /is in the registry "ghcr.io", allowed: 111122223333/,
    ],
    [
      'a registry that begins alike',
      { '@id': `pkg:oci/app?repository_url=${REGISTRY}.evil.io/team/app` },
      /is in the registry ".*evil.io", allowed/,
    ],
    ['a registry alone', { '@id': `pkg:oci/app?repository_url=${REGISTRY}` }, /is in the registry/],
    [
      'another name',
      { '@id': `pkg:oci/app?repository_url=${REGISTRY}/team/api` },
      /has the repository "team\/api", allowed: one that ends in its name, "app"/,
    ],
    ['a star', { '@id': `pkg:oci/app?repository_url=${REGISTRY}/*/app` }, /has the repository "\*\/app"/],
    [
      'two repositories',
      { '@id': `${APP}&repository_url=${REGISTRY}/other/app` },
      /has a qualifier twice, allowed: once/,
    ],
    ['two package URLs', { '@id': APP, identifiers: { purl: 'pkg:oci/api' } }, /two package URLs/],
    [
      'a package in a package',
      { '@id': 'pkg:golang/a/b@1', subcomponents: [BASH] },
      /is a package with subcomponents, allowed: an image/,
    ],
    [
      'a subcomponent without a package URL',
      { '@id': APP, subcomponents: [{ '@id': 'https://example.com' }] },
      /a component without a package URL/,
    ],
    [
      'a star in a package',
      { '@id': APP, subcomponents: [{ '@id': 'pkg:deb/debian/*@1' }] },
      /has a star, which is an ordinary character in VEX/,
    ],
  ])('as %s is refused', (_, product, problem) => {
    expect(problems(convert(vex([statement({ products: [product] })])))).toEqual([
      expect.stringMatching(problem),
    ]);
  });
});

describe('a later statement', () => {
  const early = { timestamp: '2026-11-01T00:00:00Z' };
  const late = { timestamp: '2026-11-10T00:00:00Z' };
  const affected = (changes: object) =>
    statement({ status: 'affected', justification: undefined, action_statement: 'upgrade', ...changes });
  test.each([
    ['about the same ends the earlier', [statement(early), affected(late)], 0],
    ['whatever their order in the file', [affected(late), statement(early)], 0],
    ['of the same time counts as later', [statement(early), affected(early)], 0],
    [
      'about the image ends one about a package in it',
      [statement(early), affected({ ...late, products: [{ '@id': APP }] })],
      0,
    ],
    [
      'about another version of the package too',
      [
        statement(early),
        affected({
          ...late,
          products: [{ '@id': APP, subcomponents: [{ '@id': 'pkg:deb/debian/bash@5.1' }] }],
        }),
      ],
      0,
    ],
    [
      'about a package that could be the same too',
      [
        statement({
          ...early,
          products: [{ '@id': APP, subcomponents: [{ '@id': 'pkg:pypi/zope.interface@5' }] }],
        }),
        affected({
          ...late,
          products: [{ '@id': APP, subcomponents: [{ '@id': 'pkg:pypi/zope-interface@5' }] }],
        }),
      ],
      0,
    ],
    [
      'by another name too',
      [statement(early), affected({ ...late, vulnerability: { name: 'GHSA-1', aliases: ['CVE-2024-1'] } })],
      0,
    ],
    [
      'about one digest ends one about its repository',
      [statement(early), affected({ ...late, products: [{ '@id': `pkg:oci/app@${DIGEST}` }] })],
      0,
    ],
    [
      'about another package does not',
      [
        statement(early),
        affected({
          ...late,
          products: [{ '@id': APP, subcomponents: [{ '@id': 'pkg:deb/debian/dash@1' }] }],
        }),
      ],
      1,
    ],
    [
      'about another repository does not',
      [statement(early), affected({ ...late, products: [{ '@id': APP.replaceAll('app', 'api') }] })],
      1,
    ],
    [
      'about another vulnerability does not',
      [statement(early), affected({ ...late, vulnerability: { name: 'CVE-2' } })],
      1,
    ],
    ['that says "not affected" ends "affected"', [affected(early), statement(late)], 1],
  ])('%s', (_, statements, count) => {
    expect(scopes(...statements)).toHaveLength(count);
  });
});

describe('a document', () => {
  test('is read with tabs, in one line, and with a byte order mark', () => {
    const text = vex([statement()]);
    const plain = accepted(convert(text));
    expect(accepted(convert(JSON.stringify(JSON.parse(text), undefined, '\t')))).toEqual(plain);
    expect(accepted(convert(JSON.stringify(JSON.parse(text))))).toEqual(plain);
    expect(accepted(convert(`\ufeff${text}`))).toEqual(plain);
  });

  test.each([
    ['no JSON', '{', /^app\.vex\.json:1:2: not YAML/],
    ['YAML', 'a: 1\n', /^app\.vex\.json:1:1: not JSON, allowed: an OpenVEX document as JSON/],
    [
      'another version',
      vex([statement()], { '@context': 'https://openvex.dev/ns' }),
      /^app\.vex\.json:2:3: @context: not OpenVEX 0\.2\.0, allowed: https/,
    ],
    ['no author', vex([statement()], { author: undefined }), /^app\.vex\.json:1:1: author: /],
    ['no statements', vex([]), /^app\.vex\.json:7:3: statements: /],
    [
      'a key that nobody knows',
      vex([statement()], { signature: 'x' }),
      /: the document: "signature" is not a key of OpenVEX 0\.2\.0/,
    ],
    [
      'a key of a statement that nobody knows',
      vex([statement({ only_on: 'x' })]),
      /: statements\.0: "only_on" is not a key/,
    ],
    ['a status that nobody knows', vex([statement({ status: 'fine' })]), /: statements\.0\.status: /],
    [
      'no products',
      vex([statement({ products: undefined })]),
      /^app\.vex\.json:8:5: statements\.0\.products: /,
    ],
    [
      'not affected without a justification',
      vex([statement({ justification: undefined, impact_statement: 'x' })]),
      /: statements\.0\.status: not_affected without a justification, allowed: one of component_not_present, /,
    ],
    [
      'a justification that nobody knows',
      vex([statement({ justification: 'trust_me' })]),
      /: statements\.0\.justification: /,
    ],
    [
      'a justification of something fixed',
      vex([statement({ status: 'fixed' })]),
      /: statements\.0\.justification: a justification with another status/,
    ],
    [
      'a vulnerability as a text',
      vex([statement({ vulnerability: 'CVE-1' })]),
      /: statements\.0\.vulnerability: /,
    ],
    [
      'a vulnerability with a star',
      vex([statement({ vulnerability: { name: 'CVE-*' } })]),
      /: CVE-\*: id is "CVE-\*"/,
    ],
    [
      'a key twice',
      vex([statement()]).replace('"version": 1', '"version": 1, "author": "x"'),
      /: the key "author" stands twice/,
    ],
    [
      'a prototype',
      vex([statement()]).replace('"version": 1', '"version": 1, "__proto__": {}'),
      /: the document: "__proto__" is not a key/,
    ],
    ['depth', `${'['.repeat(100_000)}${']'.repeat(100_000)}`, /nested too deep/],
    [
      'a name that nothing shows',
      vex([statement({ vulnerability: { name: '\u202eCVE' } })]),
      /: CVE: id is "CVE"/,
    ],
  ])('with %s is refused', (_, text, problem) => {
    expect(problems(convert(text))).toContainEqual(expect.stringMatching(problem));
  });

  test('many names times many packages are too many', () => {
    const aliases = Array.from({ length: 8_000 }, (_, index) => `GHSA-${index}`);
    const subcomponents = Array.from({ length: 8_000 }, (_, index) => ({ '@id': `pkg:npm/a${index}@1` }));
    const text = vex([
      statement({
        vulnerability: { name: 'CVE-1', aliases },
        products: [{ '@id': APP, subcomponents }],
      }),
    ]);
    expect(soon(3, () => problems(convert(text)))[0]).toMatch(/allowed: 5000/);
  });
});
