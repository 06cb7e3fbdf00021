import { digestOf } from '../../../src/core/text/sha256';
import { Blob, blob, Content, describe, json } from '../content';
import { gzip } from '../gzip';
import { buildImage, buildManifest, HistoryEntry, packLayer, RawLayer } from '../image';
import { Layer } from '../layer';
import { MEDIA_TYPES } from '../media-types';
import { nodeModules } from '../npm-packages';
import { privateKey } from '../secrets';
import { APPLICATION, HARDENED, historyOf, MINIMIST, PATCHED, supportedOs } from './ingredients';
import { hardLinked, namedLike, rawZstd, skippableFrame } from './tricks';

const { manifest: MANIFEST, config: CONFIG, layer: GZIP } = MEDIA_TYPES.oci;
const ZSTD = GZIP.replace('gzip', 'zstd');
const TAR = GZIP.replace('+gzip', '');

/** CVE-2014-6271, critical and fixed. */
const SHELLSHOCK = { name: 'bash', version: '4.3-9' } as const;

/** What runs where nobody looked: a key, and a package with a critical vulnerability. */
async function hidden(): Promise<Layer> {
  return new Layer()
    .file('root/.ssh/id_rsa', privateKey('polyglot'), 0o600)
    .with(await nodeModules([MINIMIST]));
}

function image(layers: readonly (Layer | RawLayer)[]): Promise<Content> {
  return buildImage({
    layers: [supportedOs(), APPLICATION, ...layers],
    config: HARDENED,
    history: historyOf(layers.length + 2, HARDENED),
  });
}

const HARMLESS = new Layer().file('app/readme.txt', 'nothing to see here\n');

/**
 * What one reader takes for a tar of harmless files, and another one for compressed, with other files in it.
 */
async function zstdBehindTar(mediaType: string): Promise<Content> {
  const tar = await (await hidden()).tar();
  const bytes = Buffer.concat([skippableFrame(await HARMLESS.tar()), rawZstd(tar)]);
  return image([{ bytes, diffId: digestOf(tar), mediaType }]);
}

/** Those who sniff see what is zipped, those who believe the media type see the tar around it. */
async function tarThatIsGzip(tar: Layer, zipped: Layer): Promise<Content> {
  const bytes = namedLike(gzip(await zipped.tar()), await tar.tar());
  return image([{ bytes, diffId: digestOf(bytes), mediaType: TAR }]);
}

/** The descriptor carries other bytes than the blob, which some libraries take in its place. */
async function embeddedData(): Promise<Content> {
  const { bytes, diffId } = await packLayer(await hidden());
  const harmless = await packLayer(HARMLESS);
  const whole = await image([{ bytes, diffId }]);
  const document = JSON.parse(whole.bytes.toString()) as { layers: object[] };
  document.layers[2] = { ...document.layers[2], data: harmless.bytes.toString('base64') };
  return {
    ...whole,
    bytes: json(document),
    descriptor: describe(json(document), MANIFEST, { platform: whole.descriptor.platform }),
  };
}

/**
 * On a node that has that layer already, by another image, another root file system runs than was scanned.
 */
async function lyingDiffIds(): Promise<Content> {
  const elsewhere = await packLayer(await hidden());
  const harmless = await packLayer(HARMLESS);
  return image([{ ...harmless, diffId: elsewhere.diffId }]);
}

/** A config as text, for what no JSON library writes. */
async function configured(
  layers: readonly Layer[],
  write: (config: object, history: readonly HistoryEntry[]) => string,
): Promise<Content> {
  const packed = await Promise.all(layers.map(packLayer));
  const history = [
    { created_by: 'COPY / /' },
    { created_by: 'CMD ["sh"]', empty_layer: true },
    { created_by: 'COPY app /app' },
  ];
  const config = {
    architecture: 'amd64',
    os: 'linux',
    created: '2026-01-01T00:00:00Z',
    config: HARDENED,
    rootfs: { type: 'layers', diff_ids: packed.map(({ diffId }) => diffId) },
  };
  const blobs = packed.map(({ bytes }): Blob => blob(bytes, GZIP));
  return buildManifest(MANIFEST, blob(Buffer.from(write(config, history)), CONFIG), blobs, {
    platform: { os: 'linux', architecture: 'amd64' },
  });
}

/**
 * A secret in what Trivy takes for a base image's layers, by a history that another reader reads otherwise.
 */
async function historyAs(change: (history: readonly HistoryEntry[]) => object): Promise<Content> {
  const secret = supportedOs().with(new Layer().file('root/.ssh/id_rsa', privateKey('history'), 0o600));
  return configured([secret, APPLICATION], (config, history) =>
    JSON.stringify({ ...config, ...change(history) }),
  );
}

/** Images that show one reader something else than another. None of them may pass. */
export const POLYGLOTS = {
  'zstd-behind-tar': () => zstdBehindTar(ZSTD),
  'zstd-behind-tar-as-gzip': () => zstdBehindTar(GZIP),
  'tar-around-gzip': async () => tarThatIsGzip(HARMLESS, await hidden()),
  'gzip-in-tar': async () => tarThatIsGzip(await hidden(), HARMLESS),
  'embedded-data': embeddedData,
  'lying-diff-ids': lyingDiffIds,
  'empty-layer-null': () =>
    historyAs(history => ({
      history: history.map(each => ({ ...each, empty_layer: each.empty_layer ?? null })),
    })),
  'history-null-step': () => historyAs(history => ({ history: [null, ...history] })),
  'history-in-capitals': () => historyAs(history => ({ History: history })),
  'history-with-long-s': () => historyAs(history => ({ hiſtory: history })),
  'two-users': () =>
    configured([supportedOs(), APPLICATION], (config, history) =>
      JSON.stringify({ ...config, history, config: { ...HARDENED, User: '0' }, Config: HARDENED }),
    ),
} as const satisfies Record<string, () => Promise<Content>>;

export type PolyglotName = keyof typeof POLYGLOTS;
export const POLYGLOT_NAMES = Object.keys(POLYGLOTS) as PolyglotName[];

/** A module of Terraform that is to be fetched from a server, which a scanner of configuration files does. */
export function callingHome(port: number): Promise<Content> {
  const module = (name: string, source: string) => `module "${name}" {\n  source = "${source}"\n}\n`;
  const server = `http://127.0.0.1:${port}`;
  return image([
    new Layer().file(
      'app/main.tf',
      module('archive', `${server}/module.zip`) + module('repository', `git::${server}/module.git`),
    ),
  ]);
}

/** Images whose files a scanner can overlook. What is in them is found. */
export const OVERLOOKED = {
  'hard-linked-package': async () =>
    image([
      await hardLinked(
        'opt/data.json',
        'app/node_modules/minimist/package.json',
        JSON.stringify({ name: 'minimist', version: '0.0.8' }),
      ),
    ]),
  'packages-behind-link': () =>
    buildImage({
      layers: [supportedOs([...PATCHED, SHELLSHOCK]).behindLink('var/lib/dpkg', 'opt/packages'), APPLICATION],
      config: HARDENED,
      history: historyOf(2, HARDENED),
    }),
  'secret-in-git-folder': () => image([new Layer().file('app/.git/credentials', privateKey('git'), 0o600)]),
  'secret-in-node-modules': () =>
    image([new Layer().file('app/node_modules/left/test/key.pem', privateKey('node modules'), 0o600)]),
  'secret-in-lock-file': () => image([new Layer().file('app/yarn.lock', privateKey('lock file'))]),
} as const satisfies Record<string, () => Promise<Content>>;

export type OverlookedName = keyof typeof OVERLOOKED;
