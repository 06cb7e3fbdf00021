import { AN_IMAGE_TRUST, IMAGE_TRUST, type IImageTrust } from './i-image-trust';
import { optional, required, TEXT, type Properties } from '../properties/properties';

/**
 * Options of every gate that a service asks.
 */
export interface ServiceGateOptions {
  /** The image trust that decides whether an image may run: of this app, or imported. */
  readonly trust: IImageTrust;

  /**
   * External images that may run too, each with its digest, for example
   * `public.ecr.aws/aws-observability/aws-otel-collector@sha256:…`. At most 20. Only the digest counts.
   *
   * An image of the registry that the trust judges cannot be allowed in this way: it needs a verdict.
   *
   * @default - none: every image needs the trust
   */
  readonly allowedImages?: string[];
}

/** @internal */
export const SERVICE_GATE_OPTIONS: Properties<ServiceGateOptions> = {
  trust: required(IMAGE_TRUST, AN_IMAGE_TRUST),
  allowedImages: optional(
    [TEXT],
    'a list of images with their digests, <registry>/<repository>@sha256:<64 hex>',
  ),
};
