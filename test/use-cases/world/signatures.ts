import type { Interruptions } from './interruptions';
import type { MemoryRegistry } from './registry';
import { imageOf, repositoryReference, sibling, type ImageName } from '../../../src/core/image/image';
import { checkBundle } from '../../../src/core/signing/bundle';
import { classicLayers, isClassicSignature } from '../../../src/core/signing/classic-signature';
import { classicTag, type Artefact, type Descriptor } from '../../../src/core/signing/oci-artefact';
import type { Claims } from '../../../src/core/signing/statement';
import type { VerificationKey } from '../../../src/core/signing/verification-key';
import { digestOf } from '../../../src/core/text/sha256';
import type { Referrer } from '../../../src/core/trust/registry-check';
import type { SignatureRegistry } from '../../../use-cases/signing/sign-ports';

interface Held {
  readonly text: string;
  readonly mediaType: string;
}
export interface Push {
  readonly image: ImageName;
  readonly digest: string;
  readonly tag?: string;
}

const PAGE = 50;
/** `imageManifest` of PutImage. */
const ECR_MANIFEST_CHARACTERS = 4 * 1024 * 1024;

/**
 * Amazon ECR as far as signatures are read and written: manifests, tags, blobs and referrers by repository.
 */
export class MemorySignatures {
  /** Tags cannot be moved. */
  public immutable = false;
  /** Every PutImage that stored something, in order. */
  public readonly pushes: Push[] = [];
  private readonly manifests = new Map<ImageName, Held>();
  private readonly blobs = new Map<ImageName, string>();
  private readonly verified = new Map<VerificationKey, Map<string, boolean>>();

  constructor(
    private readonly images: MemoryRegistry,
    private readonly interruptions: Interruptions,
  ) {}

  /** What ECR answers to a call, where it refuses. */
  public refuses: (call: 'find' | 'blob' | 'referrers' | 'push' | 'remove') => Error | undefined = () =>
    undefined;

  /** Manifests that ECR does not delete. */
  public keeps: (digest: string) => { digest: string; error: Error } | undefined = () => undefined;

  /** Told of each PutImage that stored something. */
  public onPush: (push: Push) => void = () => undefined;

  /** The repository of an image, as the signer sees it. */
  public of(image: ImageName): SignatureRegistry {
    const call = async (name: Parameters<typeof this.refuses>[0]) => {
      await this.interruptions.before(`signatures.${name}`);
      const error = this.refuses(name);
      if (error !== undefined) throw error;
    };
    const find = async (by: { imageDigest: string } | { imageTag: string }, maxBytes: number) => {
      await call('find');
      const digest = 'imageDigest' in by ? by.imageDigest : this.tagged(image, by.imageTag);
      const held = digest === undefined ? undefined : this.held(at(image, digest));
      if (held !== undefined && held.text.length > maxBytes) {
        throw new Error(`the manifest has more than ${maxBytes} bytes`);
      }
      return held;
    };
    return {
      find,
      manifest: async (digest, maxBytes) => (await find({ imageDigest: digest }, maxBytes))?.text,
      blob: async (digest, maxBytes) => {
        await call('blob');
        return this.blob(at(image, digest), maxBytes);
      },
      referrers: digest => this.pages(at(image, digest), () => call('referrers')),
      push: async artefact => {
        await call('push');
        return this.put(image, artefact);
      },
      remove: async digests => {
        await call('remove');
        const stay = digests.flatMap(digest => this.keeps(digest) ?? []);
        for (const digest of digests) if (this.keeps(digest) === undefined) this.drop(image, digest);
        return stay;
      },
    };
  }

  /** What anybody who may push can do, beside an image. */
  public put(image: ImageName, { manifest, mediaType, blobs, tag }: Artefact): 'pushed' | 'tag-taken' {
    if (manifest.length > ECR_MANIFEST_CHARACTERS) {
      throw Object.assign(new Error('imageManifest: too long'), { name: 'InvalidParameterException' });
    }
    const digest = digestOf(manifest);
    for (const blob of blobs) this.blobs.set(at(image, digestOf(blob)), blob);
    const before = tag === undefined ? undefined : this.tagged(image, tag);
    if (before === digest || (tag === undefined && this.manifests.has(at(image, digest)))) return 'pushed';
    if (before !== undefined && this.immutable) return 'tag-taken';
    this.manifests.set(at(image, digest), { text: manifest, mediaType });
    this.images.add(imageOf(image), {
      digest,
      mediaType,
      manifest: isJson(manifest) ? JSON.parse(manifest) : {},
    });
    if (tag !== undefined) this.images.moveTag(sibling(imageOf(image), digest), tag);
    const push = { image, digest, tag };
    this.pushes.push(push);
    this.onPush(push);
    return 'pushed';
  }

  /** Everything was deleted. */
  public forget(): void {
    this.manifests.clear();
    this.blobs.clear();
  }

  /** The signature at the tag, or all that only refers to the image, was deleted. */
  public lose(image: ImageName, what: 'classic' | 'bundles'): void {
    const tagged = this.tagged(image, classicTag(imageOf(image).digest, 'sig'))!;
    const lost = what === 'classic' ? [tagged] : this.referrersOf(image).map(({ text }) => digestOf(text));
    for (const digest of lost) this.drop(image, digest);
  }

  private drop(image: ImageName, digest: string): void {
    this.manifests.delete(at(image, digest));
    this.images.remove(imageOf(at(image, digest)));
  }

  /** Layers under `sha256-<hex>.sig` or `.att`, with what they hold. */
  public layers(
    image: ImageName,
    kind: 'sig' | 'att' = 'sig',
  ): (Descriptor & { readonly payload: string })[] {
    const digest = this.tagged(image, classicTag(imageOf(image).digest, kind));
    const { layers = [] } =
      digest === undefined
        ? {}
        : (JSON.parse(this.held(at(image, digest))!.text) as { layers?: Descriptor[] });
    return layers.map(layer => ({ ...layer, payload: this.blobs.get(at(image, layer.digest)) ?? '' }));
  }

  /** Bundles that refer to an image, in the order in which they came. */
  public bundles(image: ImageName): { readonly bundle: string; readonly predicateType: string }[] {
    return this.referrersOf(image).map(({ text }) => {
      const {
        layers: [layer],
        annotations,
      } = JSON.parse(text);
      return {
        bundle: this.blobs.get(at(image, layer.digest))!,
        predicateType: annotations['dev.sigstore.bundle.predicateType'],
      };
    });
  }

  /** How many signatures of an image this key made, in each of the two places. */
  public by(
    key: VerificationKey,
    image: ImageName,
    now: Date,
  ): { readonly layers: number; readonly bundles: number } {
    const claims = { image, repository: repositoryReference(imageOf(image), 'amazonaws.com') } as Claims;
    const digest = this.tagged(image, classicTag(imageOf(image).digest, 'sig'));
    const layers = classicLayers(digest === undefined ? undefined : this.held(at(image, digest))?.text);
    const classic = (layer: (typeof layers)[number], payload: string) =>
      this.once(key, ['classic', image, payload, JSON.stringify(layer)], () =>
        isClassicSignature(layer, payload, key, claims),
      );
    const inBundle = (bundle: string) =>
      this.once(
        key,
        ['bundle', image, bundle, now.toISOString()],
        () => checkBundle(bundle, { image, keys: [key], maxAgeSeconds: Infinity, now }).ok,
      );
    return {
      layers: layers.filter(layer => classic(layer, this.blobs.get(at(image, layer.digest)) ?? '')).length,
      bundles: this.bundles(image).filter(({ bundle }) => inBundle(bundle)).length,
    };
  }

  /** Whoever watches the world asks before every call: what was verified is not verified again. */
  private once(key: VerificationKey, content: readonly string[], verify: () => boolean): boolean {
    const known = this.verified.get(key) ?? new Map<string, boolean>();
    this.verified.set(key, known);
    const name = content.join('\n');
    const verified = known.get(name) ?? verify();
    known.set(name, verified);
    return verified;
  }

  private blob(name: ImageName, maxBytes: number): string {
    const blob = this.blobs.get(name);
    if (blob === undefined) throw new Error(`the registry answered 404 for the blob ${name}`);
    if (Buffer.byteLength(blob) > maxBytes) {
      throw new Error(`the blob ${name} has more than ${maxBytes} bytes`);
    }
    return blob;
  }

  private async *pages(subject: ImageName, call: () => Promise<void>): AsyncIterable<Referrer> {
    const all = this.referrersOf(subject);
    for (let first = 0; first === 0 || first < all.length; first += PAGE) {
      await call();
      const page = all.slice(first, first + PAGE);
      yield* page.map(({ text }) => ({
        digest: digestOf(text),
        artifactType: JSON.parse(text).artifactType,
        size: text.length,
        annotations: JSON.parse(text).annotations,
      }));
    }
  }

  private referrersOf(subject: ImageName): Held[] {
    const { digest } = imageOf(subject);
    const refers = (name: ImageName, { text }: Held) =>
      at(name, digest) === subject && isJson(text) && JSON.parse(text).subject?.digest === digest;
    return [...this.manifests].flatMap(([name, held]) => (refers(name, held) ? [held] : []));
  }

  private held(name: ImageName): Held | undefined {
    const { digest, repository } = imageOf(name);
    const image = this.images.pushed.find(
      each => each.digest === digest && each.image.repository === repository,
    );
    if (image !== undefined && this.images.isArchived(image.image)) return undefined;
    if (image === undefined) return undefined; // whoever deletes an image of the registry deletes it here
    return this.manifests.get(name) ?? { text: JSON.stringify(image.manifest), mediaType: image.mediaType };
  }

  private tagged(image: ImageName, tag: string): string | undefined {
    const { repository } = imageOf(image);
    return this.images.pushed
      .filter(each => each.image.repository === repository && each.tags.includes(tag))
      .at(-1)?.digest;
  }
}

/** Another digest in the repository of an image. */
function at(image: ImageName, digest: string): ImageName {
  return image.slice(0, image.indexOf('@') + 1) + digest;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
