import { Duration, Token } from 'aws-cdk-lib';
import { ScanCompute } from './scan-compute';
import type { ImageScannerProps } from './scan-options';
import { ScannerImage } from './scanner-image';
import { Seconds } from '../core/times';
import type { RepositorySelector } from '../repository/repository-selector';

const HOST = /^[a-z0-9.-]+(:\d+)?$/;
/** An event pattern has at most 2048 characters, the environment of a function 4096. Both contain more. */
const PATTERN_CHARACTERS = 1700;
const ENVIRONMENT_CHARACTERS = 2500;

export interface CheckedOptions {
  readonly compute: ScanCompute;
  readonly timeout: Duration;
  readonly concurrency: number;
  readonly perRepository: number;
  /** The limit of the project itself. */
  readonly concurrentBuilds?: number;
}

/**
 * The options with their defaults. Throws for options that contradict each other, and for those that AWS
 * would refuse during the deployment.
 *
 * @internal
 */
export function checkedOptions(props: ImageScannerProps): CheckedOptions {
  checkSelectors(props.repositories);
  const compute = props.compute ?? ScanCompute.SMALL;
  const timeout = props.timeout ?? Duration.seconds(Seconds.scanTimeout);
  const concurrency = props.concurrency ?? 10;
  const perRepository =
    props.concurrencyPerRepository ??
    (Token.isUnresolved(concurrency) ? 5 : Math.max(1, Math.floor(concurrency / 2)));
  checkTimeout(timeout, compute._isLambda ? 15 : 60);
  inRange('concurrency', concurrency, 100);
  inRange('concurrencyPerRepository', perRepository, Token.isUnresolved(concurrency) ? 100 : concurrency);
  if (compute._isLambda) checkLambda(props, compute);
  for (const [host, mirrors] of Object.entries(props.registryMirrors ?? {})) {
    for (const each of [host, ...mirrors]) {
      if (!HOST.test(each)) {
        throw new Error(
          `the registry mirror ${JSON.stringify(each)} is not a host, allowed: <name> or <name>:<port>`,
        );
      }
    }
  }
  return { compute, timeout, concurrency, perRepository, concurrentBuilds: props.concurrency };
}

/** The patterns with which the push rule matches `repository-name`, without duplicates. @internal */
export function namePatterns(repositories: readonly RepositorySelector[]): (string | object)[] {
  return [
    ...new Map(
      repositories
        .flatMap(repository => repository._pattern())
        .map(pattern => [JSON.stringify(pattern), pattern]),
    ).values(),
  ];
}

/** The selectors by account; undefined is the account of the trust. @internal */
export function byAccount(
  repositories: readonly RepositorySelector[],
): Map<string | undefined, RepositorySelector[]> {
  const groups = new Map<string | undefined, RepositorySelector[]>();
  for (const each of repositories) {
    groups.set(each._otherAccount, [...(groups.get(each._otherAccount) ?? []), each]);
  }
  return groups;
}

function checkSelectors(repositories: readonly RepositorySelector[]): void {
  if (repositories.length === 0) {
    throw new Error(
      'no repository is selected, allowed: at least one, for example RepositorySelector.prefix("team/")',
    );
  }
  const pattern = Math.max(
    ...[...byAccount(repositories).values()].map(each => JSON.stringify(namePatterns(each)).length),
  );
  const environment = JSON.stringify(repositories.map(repository => repository._enrolment())).length;
  if (pattern <= PATTERN_CHARACTERS && environment <= ENVIRONMENT_CHARACTERS) return;
  throw new Error(
    `the ${repositories.length} repository selectors have ${pattern} characters in an event pattern and ${environment} in an environment variable, allowed: ${PATTERN_CHARACTERS} and ${ENVIRONMENT_CHARACTERS}; select them by a common prefix, or by a tag`,
  );
}

/** Checks the enrolment, including the repositories that deployments add. @internal */
export function checkedEnrolment(document: string): string {
  if (document.length <= ENVIRONMENT_CHARACTERS) return document;
  throw new Error(
    `the enrolled repositories and those of trusted images have ${document.length} characters in an environment variable, allowed: ${ENVIRONMENT_CHARACTERS}; select the repositories of trusted images by a common prefix`,
  );
}

function checkLambda({ network, scannerImage }: ImageScannerProps, { _platform }: ScanCompute): void {
  if (network !== undefined) {
    throw new Error(
      'scans on Lambda compute cannot run in a VPC: choose ScanCompute.SMALL or larger, or leave out network',
    );
  }
  const image = scannerImage ?? ScannerImage.trivy();
  if (!image._isInEcr) {
    throw new Error(
      'scans on Lambda compute cannot pull the scanner image from a public registry: use ScannerImage.fromPullThroughCache() or ScannerImage.fromEcrRepository(), or choose ScanCompute.SMALL or larger',
    );
  }
  if (image._isIndex) {
    throw new Error(
      `scans on Lambda compute cannot use the index of Trivy as the scanner image, because Lambda takes images of one platform only: name the digest of its image for ${_platform}, which "crane digest --platform ${_platform}" prints, or choose ScanCompute.SMALL or larger`,
    );
  }
}

function checkTimeout(timeout: Duration, most: number): void {
  if (timeout.isUnresolved()) return;
  const minutes = timeout.toMinutes({ integral: false });
  if (minutes >= 5 && minutes <= most) return;
  throw new Error(
    `timeout, which is how long a scan may take, is ${timeout.toHumanString()}, allowed: 5 to ${most} minutes, for example Duration.minutes(15)`,
  );
}

function inRange(what: string, value: number, most: number): void {
  if (Token.isUnresolved(value) || (Number.isInteger(value) && value >= 1 && value <= most)) return;
  throw new Error(
    `${what} of the scans is ${value}, allowed: a whole number from 1 to ${most}, for example ${Math.min(5, most)}`,
  );
}
