import { stringify } from 'yaml';

/** Documents as one text in YAML, without breaks in long lines. */
export function yamlText(documents: readonly object[]): string {
  return documents.map(document => stringify(document, { lineWidth: 0 })).join('---\n');
}
