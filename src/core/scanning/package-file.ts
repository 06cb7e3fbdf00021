import type { TrivyReport } from './trivy-report';
import { nameText } from '../text/plain-text';

type Result = NonNullable<TrivyReport['Results']>[number];

/**
 * What Trivy calls all packages of a language, each of which has its own file (`PkgTargets` in
 * `pkg/scan/langpkg`).
 */
const COLLECTIONS: ReadonlyMap<string, string> = new Map([
  ['conda-pkg', 'Conda'],
  ['gemspec', 'Ruby'],
  ['jar', 'Java'],
  ['kubernetes', 'Kubernetes'],
  ['node-pkg', 'Node.js'],
  ['python-pkg', 'Python'],
]);

/**
 * The file of a package: its own, or that of all packages of the result. Trivy names a Go or Rust binary,
 * `installed.json` of Composer and `*.deps.json` of .NET only in this way. Undefined for packages of the
 * operating system.
 */
export function packageFile(
  { Class, Type = '', Target }: Pick<Result, 'Class' | 'Type' | 'Target'>,
  own: string | undefined,
): string | undefined {
  if (own !== undefined && own !== '') return own;
  return Class === 'lang-pkgs' && COLLECTIONS.get(Type) !== Target ? Target : undefined;
}

const SHOWN_CHARACTERS = 80;

/** A file as messages show it. The end of a long path says most. */
export function shownFile(path: string): string {
  const isLong = path.length > SHOWN_CHARACTERS;
  return nameText(isLong ? `…${path.slice(1 - SHOWN_CHARACTERS)}` : path, SHOWN_CHARACTERS);
}
