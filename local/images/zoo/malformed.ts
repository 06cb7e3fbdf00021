import { digestOf } from '../../../src/core/text/sha256';
import { Content } from '../content';
import { buildImage, packLayer, RawLayer } from '../image';
import { Layer } from '../layer';
import { nodeModules } from '../npm-packages';
import { APPLICATION, HARDENED, historyOf, MINIMIST, supportedOs } from './ingredients';

function image(layers: readonly (Layer | RawLayer)[]): Promise<Content> {
  return buildImage({ layers, config: HARDENED, history: historyOf(layers.length, HARDENED) });
}

/**
 * The config gives its third layer the diff_id of the second: Trivy looks at the second twice, and never at
 * minimist.
 */
export async function duplicateDiffIds(): Promise<Content> {
  const application = await packLayer(APPLICATION);
  const vulnerable = await packLayer(await nodeModules([MINIMIST]));
  return image([supportedOs(), application, { ...vulnerable, diffId: application.diffId }]);
}

/** A layer that may be fetched from somewhere else than the registry. */
export async function layerWithUrls(): Promise<Content> {
  return image([
    supportedOs(),
    { ...(await packLayer(APPLICATION)), urls: ['https://example.com/layer.tar.gz'] },
  ]);
}

/** A layer that is no archive. */
export async function brokenCorruptLayer(): Promise<Content> {
  const bytes = Buffer.from('this is not a gzip stream');
  return image([supportedOs(), { bytes, diffId: digestOf(bytes) }]);
}

/**
 * A layer that the registry does not have, and no other image brings: many registries share blobs between
 * repositories.
 */
export async function missingBlob(): Promise<Content> {
  const nowhere = new Layer().file('app/nowhere.js', 'process.stdin.resume();\n', 0o755);
  return image([supportedOs(), { ...(await packLayer(nowhere)), withheld: true }]);
}
