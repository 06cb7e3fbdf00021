import { createHash } from 'crypto';

/** In hex. */
export function sha256Of(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** As registries write it: `sha256:<hex>`. */
export function digestOf(content: string | Uint8Array): string {
  return `sha256:${sha256Of(content)}`;
}
