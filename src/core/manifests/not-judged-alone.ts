import { isMap, parseAllDocuments, visit } from 'yaml';
import { readManifest } from './read-manifest';

export interface Kustomization {
  /** A component is a part of other kustomizations, and is nothing alone. */
  readonly isComponent: boolean;
  /** Every text in it: those that are paths name what kustomize reads. */
  readonly texts: readonly string[];
}

/** Kustomize itself says what is wrong with one, so that any text is read here. */
export function readKustomization(text: string): Kustomization {
  const documents = parseAllDocuments(text, { version: '1.1', prettyErrors: false });
  const texts: string[] = [];
  let isComponent = false;
  for (const document of 'empty' in documents ? [] : documents) {
    const kind: unknown = isMap(document.contents) ? document.contents.get('kind') : undefined;
    isComponent ||= kind === 'Component';
    visit(document, {
      Scalar: (key, { value }) => {
        if (key !== 'key' && typeof value === 'string') texts.push(value);
      },
    });
  }
  return { isComponent, texts };
}

/** Whether kubectl would find an object in a file, or would once somebody has filled in its template. */
export function looksLikeManifest(file: string, bytes: Uint8Array): boolean {
  const text = new TextDecoder().decode(bytes);
  const hasAtStart = (key: string) => new RegExp(`^["']?${key}["']?[ \\t]*:`, 'm').test(text);
  return (hasAtStart('apiVersion') && hasAtStart('kind')) || readManifest(file, bytes).objects.length > 0;
}
