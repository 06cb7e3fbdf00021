import { check, issues } from '../../support/check';
import { ruleInput } from '../../support/made';
import { parsed, rawReport } from '../../support/reports';

const DEBIAN = { name: 'docker.io/library/debian:*' };
const DIGEST = `sha256:${'b'.repeat(64)}`;
const LAYERS: string[] = rawReport('fixable-critical').Metadata.DiffIDs;
const layers = (...diffIds: string[]) => ({ title: 'debian 13.1', diffIds });

function built(labels: Record<string, string>, allowed: readonly object[]) {
  const raw = rawReport('fixable-critical');
  raw.Metadata.ImageConfig.config.Labels = labels;
  return check('allowed-base-images', ruleInput('fixable-critical', { report: parsed(raw) }), { allowed });
}
const named = (name: string, digest = '') => ({
  'org.opencontainers.image.base.name': name,
  'org.opencontainers.image.base.digest': digest,
});

describe('allowed-base-images', () => {
  test.each([
    ['docker.io/library/debian:13', '', DEBIAN],
    ['docker.io/library/debian', DIGEST, { name: `docker.io/library/debian@${DIGEST}` }],
    [`docker.io/library/debian@${DIGEST}`, '', { name: 'docker.io/library/debian@*' }],
    ['localhost:5000/a/b:1', '', { name: 'localhost:5000/**' }],
  ])('passes an image that says %s %s', (name, digest, allowed) => {
    expect(
      issues(built(named(name, digest), [layers(LAYERS[1]!), { name: 'example.com/other' }, allowed])),
    ).toEqual([]);
  });

  test.each([1, 2, 3])(
    'passes an image of which the lowest %d layers are those of the base, whatever it says',
    count => {
      expect(issues(built(named('example.com/evil'), [DEBIAN, layers(...LAYERS.slice(0, count))]))).toEqual(
        [],
      );
    },
  );

  test.each([
    ['docker.io/library/debian-evil:13', DEBIAN],
    ['docker.io.example.com/library/debian:13', DEBIAN],
    ['example.com/docker.io/library/debian:13', DEBIAN],
    ['docker.io/library/Debian:13', DEBIAN],
    ['debian:13', { name: 'debian:13/*' }],
    ['docker.io/library/debian:13', { name: 'docker.io/*' }],
    ['', DEBIAN],
    ['https://user:password@docker.io/library/debian:13', DEBIAN],
  ])('fails an image that says %j', (name, allowed) => {
    expect(issues(built(named(name), [allowed]))).toHaveLength(1);
  });

  test.each([
    ['other layers', [DIGEST]],
    ['the layers in another order', [LAYERS[1]!, LAYERS[0]!]],
    ['layers that do not lie at the bottom', [LAYERS[1]!]],
    ['a layer more', [...LAYERS, DIGEST]],
  ])('fails %s', (_, diffIds) => {
    expect(issues(built({}, [layers(...diffIds)]))).toEqual([
      'the image is built on none of the allowed base images; allowed: debian 13.1',
    ]);
  });

  test('fails an image without layers', () => {
    expect(
      issues(check('allowed-base-images', ruleInput('scratch'), { allowed: [layers(LAYERS[0]!)] })),
    ).toHaveLength(1);
  });

  test('says what the image says, and what is allowed', () => {
    expect(built(named('example.com/mine:1', DIGEST), [DEBIAN, layers(DIGEST)])).toEqual({
      issues: [
        {
          message: `the image is built on none of the allowed base images: it says example.com/mine:1@${DIGEST}; allowed: docker.io/library/debian:*, debian 13.1`,
          remedy:
            "build the image on one of them, and label it with org.opencontainers.image.base.name, the base image's full name",
        },
      ],
    });
    expect(issues(built({}, [DEBIAN]))).toEqual([expect.stringContaining('it does not say on which')]);
  });

  test('is indeterminate by a report that was stored without labels, but by layers it can', () => {
    const { Reduction: _reduction, ...report } = parsed(rawReport('fixable-critical'));
    const outcome = (...allowed: object[]) =>
      check('allowed-base-images', ruleInput('fixable-critical', { report }), { allowed });
    expect(outcome(DEBIAN, layers(DIGEST))).toMatchObject({ failure: { cause: 'REPORT_OUTDATED' } });
    expect(issues(outcome(DEBIAN, layers(LAYERS[0]!)))).toEqual([]);
    expect(issues(outcome(layers(DIGEST)))).toHaveLength(1);
  });
});
