import * as fc from 'fast-check';
import { CANARIES } from '../../../local/images/zoo/canaries';
import { readTrivyReport } from '../../../src/core/scanning/read-trivy-report';
import { notKept, TrivyReport } from '../../../src/core/scanning/trivy-report';
import { soon } from '../../support/soon';
import { HOSTILE } from '../support/hostile';
import { parsed, rawReport, report } from '../support/reports';

const BASE_NAME = 'org.opencontainers.image.base.name';
const BASE_DIGEST = 'org.opencontainers.image.base.digest';
const DIGEST = `sha256:${'a'.repeat(64)}`;

function config(labels: unknown) {
  const raw = rawReport('clean');
  raw.Metadata.ImageConfig.config.Labels = labels;
  return parsed(raw).Metadata.ImageConfig.config;
}

describe("of an image's labels", () => {
  test('the names are kept of those that have a value', () => {
    expect(config({ a: '1', b: '', c: ' ', d: '\u200b\u0000', e: '0' })?.LabelNames).toEqual(['a', 'e']);
  });

  test('no name is kept that is too long to be one', () => {
    expect(config({ [`k${'x'.repeat(256)}`]: '1', [`k${'x'.repeat(255)}`]: '1' })?.LabelNames).toEqual([
      `k${'x'.repeat(255)}`,
    ]);
  });

  test.each([undefined, null, {}])('%j are none', labels => {
    expect(config(labels)).toEqual({ User: '65532:65532', LabelNames: [], BaseImage: {} });
  });

  test.each([
    'docker.io/library/debian',
    'docker.io/library/debian:13',
    'localhost:5000/a/b_c/d.e:1.2-3',
    `public.ecr.aws/a/b@${DIGEST}`,
    `public.ecr.aws/a/b:1@${DIGEST}`,
  ])('the name of the base image is kept: %s', name => {
    expect(config({ [BASE_NAME]: name, [BASE_DIGEST]: DIGEST })?.BaseImage).toEqual({ name, digest: DIGEST });
  });

  test.each([
    ...HOSTILE,
    'debian:13',
    'https://docker.io/a/b',
    'user:password@docker.io/a/b',
    'docker.io/a?token=1',
    'docker.io/a b',
    'docker.io/a/b:1\n',
    '/a/b',
    'docker.io//b',
  ])('nothing is kept that is no such name: %j', name => {
    expect(config({ [BASE_NAME]: name, [BASE_DIGEST]: name })?.BaseImage).toEqual({});
  });

  test('a name that was made for the pattern takes no time', () => {
    const labels = { [BASE_NAME]: `${'a/'.repeat(500_000)}!` };
    expect(soon(0.5, () => config(labels))?.BaseImage).toEqual({});
  });

  test.each([[{ a: 1 }], [{ a: null }], ['a=b'], [['a=b']]])("%j is no report of Trivy's", labels => {
    const raw = rawReport('clean');
    raw.Metadata.ImageConfig.config.Labels = labels;
    expect(readTrivyReport(Buffer.from(JSON.stringify(raw)))).toMatchObject({
      ok: false,
      error: { cause: 'REPORT_INVALID' },
    });
  });
});

describe('a secret in a label', () => {
  const secrets = [...Object.values(CANARIES), 'correct horse battery staple'];

  test('is in no report that is kept, under whatever name', () => {
    const raw = rawReport('canaries');
    raw.Metadata.ImageConfig.config.Labels = {
      ...raw.Metadata.ImageConfig.config.Labels,
      ...Object.fromEntries(secrets.map((secret, at) => [`com.example.${at}`, secret])),
      maintainer: `me <${CANARIES.label}>`,
      [BASE_NAME]: `https://user:${CANARIES.label}@docker.io/library/debian:13`,
      [BASE_DIGEST]: CANARIES.label,
    };
    const kept = JSON.stringify(parsed(raw));
    expect(secrets.filter(secret => kept.includes(secret))).toEqual([]);
    expect(kept).toContain('com.example.0');
    expect(kept).toContain('maintainer');
  });

  test('nor is any value of any label', () => {
    const value = fc.string({ minLength: 8, unit: 'grapheme' });
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.stringMatching(/^[a-z.]{1,4}$/),
          value.map(text => `!${text}`),
        ),
        labels => {
          const kept = JSON.stringify(config(labels));
          expect(
            Object.values(labels).filter(each => kept.includes(JSON.stringify(each).slice(1, -1))),
          ).toEqual([]);
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('a report as it is kept', () => {
  test.each(['clean', 'canaries', 'alpine-eol'])('%s reads as it was written', name => {
    expect(TrivyReport.parse(JSON.parse(JSON.stringify(report(name))))).toEqual(report(name));
  });

  test('says by which list it was reduced, and nobody else can say so', () => {
    expect(report('clean').Reduction).toBe(4);
    expect(parsed({ ...rawReport('clean'), Reduction: 99 }).Reduction).toBe(4);
  });

  test('of an earlier version is read too, and what it lacks is not taken for absent', () => {
    const { Reduction: _reduction, ...earlier } = report('clean');
    const stored = TrivyReport.parse(JSON.parse(JSON.stringify(earlier)));
    expect(notKept(stored, 'labels')).toEqual({
      cause: 'REPORT_OUTDATED',
      detail: expect.stringContaining('scanned again'),
    });
    expect(notKept({ ...stored, Reduction: 1 }, 'scores')).toMatchObject({ cause: 'REPORT_OUTDATED' });
    expect(notKept(report('clean'), 'labels')).toBeUndefined();
    expect(notKept({ ...stored, Reduction: 4 }, 'labels')).toBeUndefined();
    expect(notKept({ ...stored, Reduction: 2 }, 'scores')).toBeUndefined();
    expect(notKept({ ...stored, Reduction: 2 }, 'analysers')).toMatchObject({
      cause: 'REPORT_OUTDATED',
      detail: expect.stringContaining('kept no analysers'),
    });
  });

  test('has the scores of vulnerabilities, and not their vectors', () => {
    const raw = rawReport('fixable-critical');
    raw.Results[1].Vulnerabilities[0].CVSS = {
      nvd: { V2Vector: 'AV:N', V3Vector: 'CVSS:3.1/AV:N', V2Score: 4.3, V3Score: 6.1 },
      ghsa: { V40Score: 7, V40Vector: 'CVSS:4.0/AV:N' },
    };
    expect(parsed(raw).Results![1]!.Vulnerabilities![0]!.CVSS).toEqual({
      nvd: { V3Score: 6.1 },
      ghsa: { V40Score: 7 },
    });
  });
});
