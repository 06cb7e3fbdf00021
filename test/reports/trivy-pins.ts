import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RELEASES, VERSIONS } from '../../local/tools/versions';

const ROOT = join(__dirname, '..', '..');

/** Everything that names one release of Trivy. */
export interface TrivyPins {
  readonly version: string;
  /** Of the archive for Linux on x86-64. */
  readonly archive: string;
  /** Of the published index: `sha256:<64 hex>`. */
  readonly image: string;
}

/** Where the release stands that this library is tested with. Which ones it supports is another matter. */
export const PINNED_IN = [
  'local/tools/versions.ts',
  'src/scanning/scanner-image.ts',
  'cli/init/pins.ts',
  'docs/dockerfile.md',
  'test/reports/README.md',
  'README.md',
] as const;

const IMAGE = /`([\w.-]+)\/([\w./-]+)@\$\{TRIVY_INDEX\}`/;
const DIGEST = /TRIVY_INDEX = '(sha256:[0-9a-f]{64})'/;

/** The repository that the image is published in. */
export function publishedIn(): { readonly host: string; readonly path: string } {
  const [, host, path] = IMAGE.exec(textOf('src/scanning/scanner-image.ts'))!;
  return { host: host!, path: path! };
}

export function currentPins(): TrivyPins {
  const [, image] = DIGEST.exec(textOf('src/scanning/scanner-image.ts'))!;
  return { version: VERSIONS.trivy, archive: RELEASES.trivy.sha256, image: image! };
}

export function textOf(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}

/** The text for another release. */
export function repinned(text: string, from: TrivyPins, to: TrivyPins): string {
  return [
    [`v${from.version}`, `v${to.version}`],
    [`trivy_${from.version}`, `trivy_${to.version}`],
    [`Trivy ${from.version}`, `Trivy ${to.version}`],
    [`trivy: '${from.version}'`, `trivy: '${to.version}'`],
    [`TRIVY_TAG = '${from.version}'`, `TRIVY_TAG = '${to.version}'`],
    [`default \`${from.version}\``, `default \`${to.version}\``],
    [from.archive, to.archive],
    [from.image, to.image],
  ].reduce((changed, [old, now]) => changed.replaceAll(old!, now!), text);
}

export function writePins(from: TrivyPins, to: TrivyPins): void {
  for (const file of PINNED_IN) writeFileSync(join(ROOT, file), repinned(textOf(file), from, to));
}
