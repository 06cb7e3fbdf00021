/** An image as a Dockerfile names it. */
export interface ImageReference {
  readonly name: string;
  readonly tag?: string;
  readonly digest?: string;
}

const REFERENCE =
  /^((?:[a-zA-Z0-9][a-zA-Z0-9.-]*(?::\d+)?\/)?[a-z0-9]+(?:[._/-]+[a-z0-9]+)*)(?::([A-Za-z0-9_][A-Za-z0-9._-]{0,127}))?(?:@(.+))?$/;
const DIGEST = /^(?:sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128})$/;

/** `undefined` for what names no image. */
export function parseImageReference(text: string): ImageReference | undefined {
  if (text.length > 512) return undefined;
  const [, name, tag, digest] = REFERENCE.exec(text) ?? [];
  if (name === undefined || (digest !== undefined && !DIGEST.test(digest))) return undefined;
  return { name, ...(tag !== undefined && { tag }), ...(digest !== undefined && { digest }) };
}
