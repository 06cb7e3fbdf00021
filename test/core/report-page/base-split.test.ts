import { contentOf } from './content';
import { baseSplit } from '../../../src/core/report-page/base-split';
import { imagePage } from '../../../src/core/report-page/image-page';
import { normalise } from '../../../src/core/scanning/normalise';
import { digestOf } from '../../../src/core/text/sha256';
import { base } from '../bases/made';
import { policy } from '../support/made';
import { report } from '../support/reports';

const found = report('fixable-critical');
const findings = normalise(found);
const [bottom, middle, top] = found.Metadata.DiffIDs!;
const naming = (...layers: string[][]) =>
  policy([
    {
      rule: 'allowed-base-images',
      action: 'deny',
      allowed: [
        { name: 'docker.io/library/debian:*' },
        ...layers.map((diffIds, at) => ({ title: `base ${at}`, diffIds })),
      ],
    },
  ]);

const fingerprints = findings.map(({ fingerprint }) => fingerprint);

test.each<[string, string[][], string, number]>([
  ['below what was found', [[bottom!, middle!]], 'base 0', 0],
  ['with all that was found', [[bottom!, middle!, top!]], 'base 0', findings.length],
  [
    'the one with the most layers',
    [[bottom!], [bottom!, middle!, top!], [bottom!, middle!]],
    'base 1',
    findings.length,
  ],
])('a base image that the policy names by its layers: %s', (_, layers, title, count) => {
  const { known } = baseSplit(found, findings, naming(...layers).document)!;
  expect(known).toMatchObject({ title });
  expect([...known!.findings]).toEqual(fingerprints.slice(0, count));
});

test('layers elsewhere in the image, and too many, are no base image', () => {
  expect(
    baseSplit(found, findings, naming([middle!], [bottom!, top!], [bottom!, middle!, top!, top!]).document),
  ).toBeUndefined();
});

test('what the image says of itself is shown as its words, and attributes nothing', () => {
  const { Metadata } = found;
  const config = { BaseImage: { name: 'docker.io/library/debian:12', digest: 'sha256:1' } };
  const labelled = { ...found, Metadata: { ...Metadata, ImageConfig: { ...Metadata.ImageConfig, config } } };
  const split = baseSplit(labelled, findings, naming().document);
  expect(split).toEqual({ says: 'docker.io/library/debian:12@sha256:1' });
});

test('a base image of a base repository goes before one of the policy with the same layers, and after one with more', () => {
  const known = base('a', [], { layers: 2, tags: ['20.11'] });
  const title = (...layers: string[][]) =>
    baseSplit(found, findings, naming(...layers).document, known)!.known!.title;
  expect(title([bottom!, middle!])).toBe(`base/node:20.11@${digestOf('a')}`);
  expect(title([bottom!])).toBe(`base/node:20.11@${digestOf('a')}`);
  expect(title([bottom!, middle!, top!])).toBe('base 0');
});

test('the page says how much comes from the base image', () => {
  const page = (layers: string[]) =>
    imagePage(contentOf('fixable-critical', naming(layers))).replace(/\s+/g, ' ');
  expect(page([bottom!, middle!])).toContain(`<strong>0 of ${findings.length} findings</strong> come from`);
  expect(page([bottom!, middle!, top!])).toMatch(/0 are the image's own\..*Rebuild on a newer base image/);
});
