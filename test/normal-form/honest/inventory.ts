import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A file that declares packages, as the reader of images lists it. */
export interface Declared {
  readonly path: string;
  readonly kind: string;
  readonly packages?: readonly { readonly name: string; readonly version: string }[];
  readonly owner?: { readonly name: string; readonly source: string; readonly version: string };
}

/** `form` is the folder that the reader wrote. */
export function readInventory(form: string): Declared[] {
  const text = readFileSync(join(form, 'inventory.json'), 'utf8');
  return (JSON.parse(text) as { declarations: Declared[] }).declarations;
}
