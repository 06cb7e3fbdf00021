import { reduceSbom } from '../../../src/core/scanning/sbom';
import { form, recorded, REFERENCE } from '../support/reports';

const NAMES = ['canaries', 'fixable-critical', 'secret-deleted-later'];

function reduced(name: string): any {
  const sbom = reduceSbom(Buffer.from(recorded(`${name}.cdx.json`)), form(name), REFERENCE);
  if (!sbom.ok) throw new Error(sbom.error.detail);
  return sbom.value;
}

describe('an SBOM that is kept', () => {
  test.each(NAMES)('%s: has every package, by name, version and purl', name => {
    const packages = (document: any) =>
      document.components.map(({ type, name: title, version, purl }: any) => ({
        type,
        title,
        version,
        purl,
      }));
    expect(packages(reduced(name))).toEqual(packages(JSON.parse(recorded(`${name}.cdx.json`))));
  });

  test.each(NAMES)('%s: keeps what Trivy matches by, and no labels of the pusher', name => {
    const { metadata, components } = reduced(name);
    const properties: string[] = [metadata.component, ...components]
      .flatMap(component => component.properties ?? [])
      .map(({ name: each }) => each);
    expect(properties).toContain('aquasecurity:trivy:PkgType');
    expect(properties.filter(each => /Labels|Env|Cmd|History/i.test(each))).toEqual([]);
  });

  test.each(NAMES)(
    '%s: is of the image and its own layers, not of the normal form that Trivy was shown',
    name => {
      const { metadata, components } = reduced(name);
      const { config, normalConfig, layers } = form(name);
      const text = JSON.stringify({ metadata, components });
      expect(metadata.component).toMatchObject({
        name: REFERENCE,
        properties: expect.arrayContaining([{ name: 'aquasecurity:trivy:ImageID', value: config }]),
      });
      expect(
        [normalConfig, ...layers.map(({ normal }) => normal)].filter(digest => text.includes(digest)),
      ).toEqual([]);
      expect(text).toContain(`{"name":"aquasecurity:trivy:LayerDigest","value":"${layers[0]!.digest}"}`);
      expect(text).toContain(`{"name":"aquasecurity:trivy:LayerDiffID","value":"${layers[0]!.diffId}"}`);
    },
  );

  test.each([
    ['nothing', ''],
    ['no JSON', 'not json'],
    ['another format', '{"spdxVersion":"SPDX-2.3"}'],
    ['no components of ours', '{"bomFormat":"CycloneDX","specVersion":"1.6","version":1}'],
    [
      'properties that are no list',
      '{"bomFormat":"CycloneDX","specVersion":"1.6","version":1,"metadata":{"component":{"type":"container","name":"x","properties":{}}}}',
    ],
  ])('%s is a failure', (_, text) => {
    expect(reduceSbom(Buffer.from(text), form('clean'), REFERENCE)).toMatchObject({
      ok: false,
      error: { cause: 'REPORT_INVALID' },
    });
  });

  test('bytes that are no UTF-8 are a failure', () => {
    expect(reduceSbom(Uint8Array.of(0xff, 0xfe), form('clean'), REFERENCE).ok).toBe(false);
  });
});
