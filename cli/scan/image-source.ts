import type { TrivyImage } from './trivy';
import type { Descriptor } from '../../src/core/scanning/manifest';

export interface FoundDescriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/** Where an image lies. Manifests and configs are what their digests say, or it throws what is wrong. */
export interface ImageSource {
  readonly top: FoundDescriptor;
  manifest(descriptor: FoundDescriptor): Promise<string>;
  config(descriptor: Descriptor): Promise<string>;
  /** Why its layers cannot be looked at. A registry's are checked by Trivy while it pulls. */
  whyIncomplete(layers: readonly Descriptor[]): Promise<string | undefined>;
  /** How Trivy finds this image and no other. */
  nameFor(digest: string, descriptor: FoundDescriptor, scratch: string): Promise<TrivyImage>;
}
