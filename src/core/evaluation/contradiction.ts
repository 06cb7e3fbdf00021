import type { Verdict } from '../evidence/verdict';
import type { Failure } from '../scanning/failed-scan';

/** What of a verdict tells whether the next scan contradicts it. */
export type Comparable = Pick<Verdict, 'outcome' | 'database'> &
  Partial<Pick<Verdict, 'scanId' | 'scanner' | 'packages' | 'policy' | 'waivers'>>;

/**
 * Why a PASS contradicts the verdict that stands. One digest holds one set of packages: if the same scanner
 * lists others, one of the scans is wrong, and nobody knows which. And a FAIL is not overturned by another
 * scan with the same databases, policy and waivers: then luck would decide. A FAIL always counts: what is
 * refused outweighs what is unknown (0026).
 */
export function contradiction(previous: Comparable | undefined, next: Comparable): Failure | undefined {
  if (previous === undefined || next.outcome === 'FAIL' || !isBySameScanner(previous, next)) return undefined;
  if (previous.packages !== undefined && previous.packages !== next.packages) {
    return differs(
      `lists other packages than the scan of ${previous.scanId} did (sha256 ${next.packages}, and ${previous.packages} before), although image and scanner are the same`,
    );
  }
  if (
    previous.outcome === 'FAIL' &&
    previous.scanId !== next.scanId &&
    previous.database.updatedAt === next.database.updatedAt &&
    previous.policy?.sha256 === next.policy?.sha256 &&
    previous.waivers?.sha256 === next.waivers?.sha256
  ) {
    return differs(
      `finds nothing that the policy refuses, and the scan ${previous.scanId} did, with the same database, policy and waivers`,
    );
  }
  return undefined;
}

/** The buildspec has the hash of the image reader and all flags of Trivy. Earlier verdicts do not name it. */
function isBySameScanner({ scanner: a, database: x }: Comparable, { scanner: b, database: y }: Comparable) {
  return (
    a?.buildspec !== undefined &&
    a.buildspec === b?.buildspec &&
    a.version === b.version &&
    x.javaUpdatedAt === y.javaUpdatedAt
  );
}

function differs(what: string): Failure {
  return { cause: 'SCAN_DIFFERS', detail: `this scan ${what}` };
}
