import { BUNDLE } from '../../../src/core/signing/bundle';
import { digestOf } from '../../../src/core/text/sha256';
import { verifyInRegistry, type Referrer, type RegistryReader } from '../../../src/core/trust/registry-check';
import { IMAGE, NOW } from '../support/made';
import { bundle, claims, LocalKey, LocalRepository, statement } from '../support/signing';

const KEY = new LocalKey('ours');
const REPOSITORY = new LocalRepository('team/app');
const SUBJECT = REPOSITORY.image('1');
const NAME = REPOSITORY.name(SUBJECT);
const BUNDLE_TEXT = bundle(KEY, statement(claims(NAME)));
const GOOD = REPOSITORY.attach(SUBJECT, BUNDLE_TEXT);
const KIB = 1024;

/** The manifest of the good bundle, as the registry has it. */
async function manifestOf(): Promise<any> {
  return JSON.parse((await REPOSITORY.manifest(GOOD.digest, Infinity))!);
}

/** The same repository with other answers to some questions. */
function lying(lies: Partial<RegistryReader>): RegistryReader {
  return {
    manifest: lies.manifest ?? ((digest, maxBytes) => REPOSITORY.manifest(digest, maxBytes)),
    blob: lies.blob ?? ((digest, maxBytes) => REPOSITORY.blob(digest, maxBytes)),
    referrers: lies.referrers ?? (digest => REPOSITORY.referrers(digest)),
  };
}

/** The good bundle behind another manifest, whose digest is right. */
async function behind(change: (manifest: any) => object): Promise<RegistryReader> {
  const text = JSON.stringify(change(await manifestOf()));
  return lying({
    manifest: async (digest, maxBytes) =>
      digest === digestOf(text) ? text : REPOSITORY.manifest(digest, maxBytes),
    referrers: () => listed({ digest: digestOf(text), artifactType: BUNDLE }),
  });
}

async function* listed(...referrers: Referrer[]): AsyncIterable<Referrer> {
  yield* referrers;
}

const ask = (registry: RegistryReader, image = NAME) =>
  verifyInRegistry({ image, keys: [KEY.verification], maxAgeSeconds: 60, now: NOW }, registry);

describe('honest registry', () => {
  test('answers with what was signed', async () => {
    expect(await ask(REPOSITORY)).toEqual(claims(NAME));
  });

  test.each([undefined, '', BUNDLE, 'application/vnd.oci.empty.v1+json'])(
    'whatever it reports as the type, as some do: %j',
    async artifactType => {
      expect(await ask(lying({ referrers: () => listed({ digest: GOOD.digest, artifactType }) }))).toEqual(
        claims(NAME),
      );
    },
  );

  test('one bundle that vouches for it is enough, wherever it stands', async () => {
    const foreign = REPOSITORY.push({ mediaType: 'x', manifest: '{"layers":[]}', blobs: [] });
    const gone = `sha256:${'0'.repeat(64)}`;
    const registry = lying({
      referrers: () =>
        listed(
          { digest: gone },
          { digest: foreign.digest, artifactType: '' },
          { digest: GOOD.digest, size: 1 },
        ),
    });
    expect(await ask(registry)).toEqual(claims(NAME));
  });
});

test('a referrer that cannot be read does not stand in the way of the next', async () => {
  const manifest = async (digest: string, maxBytes: number) => {
    if (digest === IMAGE.split('@')[1]) throw new Error('403');
    return REPOSITORY.manifest(digest, maxBytes);
  };
  expect(
    await ask(
      lying({ manifest, referrers: () => listed({ digest: IMAGE.split('@')[1]! }, { digest: GOOD.digest }) }),
    ),
  ).toEqual(claims(NAME));
});

describe('lying registry (rule 5.7, fail closed)', () => {
  test.each<[string, () => RegistryReader | Promise<RegistryReader>, string]>([
    [
      'image bytes swapped',
      () =>
        lying({
          manifest: async (digest, max) =>
            digest === SUBJECT.digest ? '{"other":1}' : REPOSITORY.manifest(digest, max),
        }),
      'the registry has no such image',
    ],
    ['no image', () => lying({ manifest: async () => undefined }), 'the registry has no such image'],
    [
      'referrer bytes swapped',
      async () => {
        const other = JSON.stringify({ ...(await manifestOf()), annotations: {} });
        return lying({
          manifest: async (digest, max) =>
            digest === GOOD.digest ? other : REPOSITORY.manifest(digest, max),
        });
      },
      'its manifest has another digest',
    ],
    [
      'referrer gone',
      () =>
        lying({
          manifest: async (digest, max) =>
            digest === GOOD.digest ? undefined : REPOSITORY.manifest(digest, max),
        }),
      'its manifest has another digest',
    ],
    [
      'blob swapped',
      () => lying({ blob: async () => bundle(KEY, statement(claims(NAME))) }),
      'its bundle has another digest',
    ],
    [
      'blob with a byte more',
      () => lying({ blob: async () => `${BUNDLE_TEXT} ` }),
      'its bundle has another digest',
    ],
    [
      'subject of another image',
      () =>
        behind(manifest => ({
          ...manifest,
          subject: { ...SUBJECT, digest: IMAGE.slice(IMAGE.indexOf('@') + 1) },
        })),
      'it refers to another image',
    ],
    ['no subject', () => behind(({ subject: _, ...rest }) => rest), 'its manifest is not that of one bundle'],
    [
      'other artifactType',
      () => behind(manifest => ({ ...manifest, artifactType: 'application/json' })),
      'its manifest is not that of one bundle',
    ],
    [
      'no artifactType',
      () => behind(({ artifactType: _, ...rest }) => rest),
      'its manifest is not that of one bundle',
    ],
    [
      'no layer',
      () => behind(manifest => ({ ...manifest, layers: [] })),
      'its manifest is not that of one bundle',
    ],
    [
      'two layers',
      () => behind(manifest => ({ ...manifest, layers: [...manifest.layers, ...manifest.layers] })),
      'its manifest is not that of one bundle',
    ],
    [
      'other layer type',
      () =>
        behind(manifest => ({
          ...manifest,
          layers: [{ ...manifest.layers[0], mediaType: 'application/json' }],
        })),
      'its manifest is not that of one bundle',
    ],
    [
      'a size that is no number',
      () => behind(manifest => ({ ...manifest, layers: [{ ...manifest.layers[0], size: '100' }] })),
      'its manifest is not that of one bundle',
    ],
    [
      'huge blob declared',
      () => behind(manifest => ({ ...manifest, layers: [{ ...manifest.layers[0], size: 2 ** 30 }] })),
      'its bundle has 1073741824 bytes, allowed: 262144',
    ],
    [
      'huge manifest declared',
      () => lying({ referrers: () => listed({ digest: GOOD.digest, size: 2 ** 30 }) }),
      'its manifest has 1073741824 bytes, allowed: 65536',
    ],
    [
      '101 referrers',
      () => lying({ referrers: () => listed(...Array<Referrer>(101).fill({ digest: GOOD.digest })) }),
      'it has more than 100 referrers',
    ],
    [
      'listed as another type',
      () =>
        lying({ referrers: () => listed({ digest: GOOD.digest, artifactType: 'application/spdx+json' }) }),
      ': the registry has no valid signature for it',
    ],
    [
      'a digest that is none',
      () => lying({ referrers: () => listed({ digest: 'v1' }) }),
      'its manifest has another digest',
    ],
    ['a referrer without a digest', () => lying({ referrers: () => listed({} as Referrer) }), 'undefined'],
    [
      'the image as its own referrer',
      () => lying({ referrers: () => listed({ digest: SUBJECT.digest }) }),
      'its manifest is not that of one bundle',
    ],
    [
      'an image that it does not answer for',
      () => lying({ manifest: () => Promise.reject(new Error('AccessDenied')) }),
      'AccessDenied',
    ],
    [
      'no list',
      () =>
        lying({
          referrers: () => ({
            [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error('ThrottlingException')) }),
          }),
        }),
      'ThrottlingException',
    ],
    [
      'a bundle that it does not hand out',
      () => lying({ blob: () => Promise.reject(new Error('403')) }),
      '403',
    ],
  ])('%s', async (_, registry, says) => {
    expect(await ask(await registry())).toMatchObject({
      trusted: false,
      says: expect.stringContaining(says),
    });
  });

  test('100 referrers are read', async () => {
    expect(
      await ask(lying({ referrers: () => listed(...Array<Referrer>(100).fill({ digest: GOOD.digest })) })),
    ).toEqual(claims(NAME));
  });

  test('a tag is never looked up', async () => {
    await expect(ask(REPOSITORY, '000000000000.us-east-1/team/app:v1')).rejects.toThrow('not an image');
  });

  test('what it says of itself is shown as one short line', async () => {
    const error = `\u001b[31m${'x\n'.repeat(5000)}`;
    const refused = await ask(lying({ manifest: () => Promise.reject(new Error(error)) }));
    expect(refused).toMatchObject({
      reason: 'LOOKUP_FAILED',
      says: expect.stringMatching(/^[^\n\u001b]{1,500}$/),
    });
    expect(await ask(lying({ blob: () => Promise.reject(new Error(error)) }))).toMatchObject({
      says: expect.stringMatching(/^[^\n\u001b]{1,900}$/),
    });
  });
});

describe('nobody is kept busy', () => {
  test('an endless list of referrers is read up to the 101st, and let go', async () => {
    let reads = 0;
    let isClosed = false;
    async function* endless(): AsyncIterable<Referrer> {
      try {
        for (;;) {
          reads += 1;
          yield { digest: GOOD.digest, artifactType: 'application/spdx+json' };
        }
      } finally {
        isClosed = true;
      }
    }
    expect(await ask(lying({ referrers: endless }))).toMatchObject({
      trusted: false,
      reason: 'LOOKUP_FAILED',
      remedy: 'delete those that nobody needs, or ask the register',
    });
    expect([reads, isClosed]).toEqual([101, true]);
  });

  test('whoever reads a blob is told the cap, whatever its descriptor says', async () => {
    const asked: [string, number][] = [];
    const blob = async (digest: string, maxBytes: number) => {
      asked.push([digest, maxBytes]);
      throw new Error(`more than ${maxBytes} bytes`); // it has 1 GB
    };
    const honest = await behind(manifest => ({
      ...manifest,
      layers: [{ ...manifest.layers[0], size: 100 }],
    }));
    expect(await ask({ ...honest, blob })).toMatchObject({
      trusted: false,
      says: expect.stringContaining('more than 262144 bytes'),
    });
    expect(asked).toEqual([[digestOf(BUNDLE_TEXT), 256 * KIB]]);
  });

  test('whoever reads a manifest is told the cap', async () => {
    REPOSITORY.reads.length = 0;
    await ask(REPOSITORY);
    expect(REPOSITORY.reads).toEqual([
      `manifest ${SUBJECT.digest} ${4 * KIB * KIB}`,
      `manifest ${GOOD.digest} ${64 * KIB}`,
      `blob ${digestOf(BUNDLE_TEXT)} ${256 * KIB}`,
    ]);
  });

  test('a bundle that vouches ends the search', async () => {
    let reads = 0;
    const blob = async (digest: string, maxBytes: number) =>
      REPOSITORY.blob(digest, maxBytes).finally(() => reads++);
    await ask(lying({ blob, referrers: () => listed(...Array<Referrer>(50).fill({ digest: GOOD.digest })) }));
    expect(reads).toBe(1);
  });
});

test('where the registry did not answer, nothing is said about the key', async () => {
  expect(await ask(lying({ blob: () => Promise.reject(new Error('ThrottlingException')) }))).toMatchObject({
    reason: 'LOOKUP_FAILED',
  });
});
