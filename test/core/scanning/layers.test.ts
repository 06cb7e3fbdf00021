import { whyUnscannable } from '../../../src/core/scanning/layers';
import { readManifest, type Descriptor } from '../../../src/core/scanning/manifest';
import { storedImage } from '../support/reports';

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const layer = (letter: string, more: object = {}): Descriptor => ({ mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest: digest(letter), size: 1, ...more });
const config = (...letters: string[]) => JSON.stringify({ rootfs: { type: 'layers', diff_ids: letters.map(digest) } });

function stored(name: string): string | undefined {
  const image = storedImage(name);
  const manifest = readManifest(JSON.stringify(image.manifest), image.mediaType);
  if (manifest.kind !== 'image') throw new Error(manifest.kind);
  return whyUnscannable(manifest.layers, JSON.stringify(image.config));
}

describe('layers and diff_ids match one to one (rule 5.1)', () => {
  test.each(['clean', 'fixable-critical', 'attested.linux-amd64', 'decoy.linux-amd64', 'scratch', 'secret-deleted-later'])('%s can be scanned', name => {
    expect(stored(name)).toBeUndefined();
  });

  test.each([
    ['duplicate-diff-ids', /gives two layers the diff_id/],
    ['layer-with-urls', /fetched from elsewhere/],
  ])('%s cannot', (name, why) => {
    expect(stored(name)).toMatch(why);
  });

  test('the decoy is consistent in itself: its lie shows only in the layer, so no cache may remember it', () => {
    expect(stored('decoy.linux-s390x')).toBeUndefined();
  });

  test('the empty layer twice, with one digest and one diff_id, is legal', () => {
    expect(whyUnscannable([layer('a'), layer('e'), layer('b'), layer('e')], config('1', '0', '2', '0'))).toBeUndefined();
  });

  test.each([
    ['a diff_id too few', [layer('a'), layer('b')], config('1'), /1 diff_ids for 2 layers/],
    ['a diff_id too many', [layer('a')], config('1', '2'), /2 diff_ids for 1 layers/],
    ['no layers, but a diff_id', [], config('1'), /1 diff_ids for 0 layers/],
    ['one diff_id for two layers', [layer('a'), layer('b')], config('1', '1'), /two layers the diff_id/],
    ['two diff_ids for one layer', [layer('a'), layer('a')], config('1', '2'), /two diff_ids/],
    ['urls', [layer('a', { urls: ['https://example.com'] })], config('1'), /elsewhere/],
    ['no rootfs', [layer('a')], '{}', /no list of diff_ids/],
    ['a diff_id that is none', [layer('a')], JSON.stringify({ rootfs: { diff_ids: ['sha256:abc'] } }), /no list of diff_ids/],
    ['no JSON', [layer('a')], 'null', /no list of diff_ids/],
    ['an empty config', [], '', /no list of diff_ids/],
  ])('%s is refused', (_, layers, text, why) => {
    expect(whyUnscannable(layers, text)).toMatch(why);
  });

  test('no urls is as good as none', () => {
    expect(whyUnscannable([layer('a', { urls: [] })], config('1'))).toBeUndefined();
  });

  // Trivy reads a second list by each of these, and reports on the layers that it names: tried with 0.74 on fixable-critical, which came out clean.
  test.each(['Diff_Ids', 'DIFF_IDS', 'diff_id\u017f'])('a second list under the name %s is refused', name => {
    const text = JSON.stringify({ rootfs: { type: 'layers', diff_ids: [digest('1'), digest('2')], [name]: [digest('1'), digest('1')] } });
    expect(whyUnscannable([layer('a'), layer('b')], text)).toMatch(/more than one/);
  });

  test.each([
    `{"rootfs":{"diff_ids":["${digest('1')}"]},"rootfs":{"diff_ids":["${digest('1')}"]}}`,
    `{"rootfs":{"diff_ids":["${digest('2')}"],"diff_ids":["${digest('1')}"]}}`,
    `{"rootfs":{"diff_ids":["${digest('1')}"]},"RootFS":{"diff_ids":["${digest('2')}"]}}`,
  ])('a list that stands twice is refused', text => {
    expect(whyUnscannable([layer('a')], text)).toMatch(/more than one/);
  });
});
