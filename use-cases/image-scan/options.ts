import { ECR_REPOSITORY_NAME } from '../../src/core/image/repository-name';
import { SEVERITIES, type Severity } from '../../src/core/scanning/finding';
import { SecretSearch, type Scanner } from '../../src/core/scanning/trivy-flags';
import { quoted } from '../../src/core/text/plain-text';
import { usageError } from '../../src/core/user-error';

/** As commander hands them over. */
export interface ScanOptions {
  readonly policy?: string;
  readonly fromStack?: string;
  readonly trust?: string;
  readonly repository?: string;
  readonly trivy?: string;
  readonly cacheDir?: string;
  readonly dbRepository?: readonly string[];
  readonly javaDbRepository?: readonly string[];
  readonly skipDbUpdate?: boolean;
  readonly scanners?: string;
  readonly secretSearch?: string;
  readonly severity?: string;
  readonly timeout?: string;
  readonly sarif?: string;
  readonly json?: string;
  readonly sbom?: string;
  readonly html?: string;
}

export const SCANNERS = ['vuln', 'secret', 'misconfig'] as const satisfies readonly Scanner[];

export function scannersIn(text: string | undefined): readonly Scanner[] {
  return text === undefined ? SCANNERS : named(text, SCANNERS, '--scanners');
}

export function secretSearchIn(text = 'application'): SecretSearch {
  const search = Object.entries(SecretSearch).find(([name]) => name === text)?.[1];
  if (search === undefined) {
    throw usageError(
      `--secret-search is ${quoted(text, 300)}, allowed: ${Object.keys(SecretSearch).join(', ')}`,
    );
  }
  return search;
}

export function severitiesIn(text: string | undefined): readonly Severity[] {
  return text === undefined ? SEVERITIES : named(text.toUpperCase(), SEVERITIES, '--severity');
}

function named<T extends string>(text: string, allowed: readonly T[], option: string): T[] {
  const names = text
    .split(',')
    .map(name => name.trim())
    .filter(name => name !== '');
  const unknown = names.find(name => !(allowed as readonly string[]).includes(name));
  if (unknown !== undefined || names.length === 0) {
    throw usageError(`${option} is ${quoted(text, 300)}, allowed: one or more of ${allowed.join(',')}`);
  }
  return allowed.filter(each => names.includes(each));
}

const LONGEST = 24 * 3600;

export function secondsIn(text = '900'): number {
  const seconds = Number(text);
  if (Number.isInteger(seconds) && seconds >= 1 && seconds <= LONGEST) return seconds;
  throw usageError(`--timeout is ${quoted(text, 300)}, allowed: whole seconds from 1 to ${LONGEST}`);
}

export function repositoryIn(text: string | undefined): string | undefined {
  if (text === undefined || ECR_REPOSITORY_NAME.test(text)) return text;
  throw usageError(
    `--repository is ${quoted(text, 300)}, allowed: the name of a repository without its registry and tag, for example team/app`,
  );
}
