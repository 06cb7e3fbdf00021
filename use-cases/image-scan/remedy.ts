import type { TrivyOptions } from '../../adapters/programs/trivy-environment';
import { CAUSES, type Cause } from '../../src/core/scanning/failed-scan';
import type { ScannerRun } from '../../src/core/scanning/scan-outcome';

type Surroundings = Pick<TrivyOptions, 'cache' | 'databases'>;

/** For an image that cannot be read. */
export const UNREADABLE = 'build a container image without what is named';

/**
 * What the user of this machine can do. The remedies for a deployed scan ("it is retried automatically") do
 * not apply here.
 */
export function remedyFor(
  cause: Cause,
  { cache, databases }: Surroundings,
  step: ScannerRun['step'],
): string {
  const repositories = [
    ...databases.vulnerabilities.map(each => `--db-repository=${each}`),
    ...databases.java.map(each => `--java-db-repository=${each}`),
  ];
  const download = (kind: string) =>
    ['trivy image', kind, `--cache-dir ${quoted(cache)}`, ...repositories].join(' ');
  const isRead = step === 'read' || step === 'account'; // by the reader of images, and not by Trivy
  switch (cause) {
    case 'DATABASE_UNAVAILABLE':
      return `download the database: ${download('--download-db-only')}; for images with Java also: ${download('--download-java-db-only')}`;
    case 'DATABASE_STALE':
      return `download a newer database: ${download('--download-db-only')}; or leave out --skip-db-update`;
    case 'DATABASE_THROTTLED':
      return 'try again in a minute, or name a mirror with --db-repository and --java-db-repository';
    case 'UNSCANNABLE':
      return UNREADABLE;
    case 'SCAN_TIMED_OUT':
      return `give ${isRead ? 'the reader of images' : 'Trivy'} longer with --timeout SECONDS`;
    case 'REGISTRY_DENIED':
      return 'log in to the registry (docker login, or AWS_PROFILE), and check that you may pull';
    case 'REGISTRY_THROTTLED':
      return 'try again in a minute, or log in to the registry';
    case 'REGISTRY_UNAVAILABLE':
      return 'check the network, and try again';
    case 'SCANNER_CRASHED':
      return isRead
        ? 'give the reader of images more memory'
        : 'download the database again, and give Trivy more memory';
    case 'SCANNER_FAILED':
      return isRead
        ? 'check the free space on the disk, and install the command line again'
        : 'run trivy image on it by hand to see more';
    case 'REPORT_INVALID':
      return 'use the Trivy that this version was made for';
    case 'REPORT_MISSING':
      return 'check the free space on the disk, and run it again';
    case 'POLICY_INVALID':
      return 'use the version of the command line that the policy was written with';
    default:
      return CAUSES[cause].remedy;
  }
}

/** For pasting into a shell. */
function quoted(path: string): string {
  return /^[\w./~-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
