import { attestationOf } from '../artifact';
import { Content, Platform } from '../content';
import { buildImage, packLayer, RawLayer } from '../image';
import { buildIndex } from '../image-index';
import { Layer } from '../layer';
import { nodeModules } from '../npm-packages';
import { APPLICATION, HARDENED, historyOf, MINIMIST, supportedOs } from './ingredients';

function image(architecture: string, layers: readonly (Layer | RawLayer)[]): Promise<Content> {
  const platform: Platform = { os: 'linux', architecture };
  return buildImage({ layers, platform, config: HARDENED, history: historyOf(layers.length, HARDENED) });
}

/** What is asked for an index without a platform, Trivy answers for amd64 alone. */
export async function cleanAndVulnerable(): Promise<Content> {
  return buildIndex([
    await image('amd64', [supportedOs(), APPLICATION]),
    await image('arm64', [supportedOs(), APPLICATION, await nodeModules([MINIMIST])]),
  ]);
}

/**
 * The s390x child claims the vulnerable layer's diff_id for a layer without the vulnerable package. Trivy
 * remembers layers by diff_id: a cache that has seen this child takes the other one for clean.
 */
export async function decoy(): Promise<Content> {
  const vulnerable = await packLayer(await nodeModules([MINIMIST]));
  const harmless = await packLayer(new Layer().file('app/readme.txt', 'nothing to see here\n'));
  return buildIndex([
    await image('s390x', [supportedOs(), APPLICATION, { ...harmless, diffId: vulnerable.diffId }]),
    await image('amd64', [supportedOs(), APPLICATION, vulnerable]),
  ]);
}

/** As `docker buildx build --provenance` pushes it. */
export async function attested(): Promise<Content> {
  const clean = await image('amd64', [supportedOs(), APPLICATION]);
  return buildIndex([clean, attestationOf(clean)]);
}
