import { SCAN_INPUT } from './normal-form';
import { HERMETIC_VARIABLES, REGISTRY_VARIABLES } from './scan-environment';
import { SCANNER_SIGNS, THROTTLED } from './scanner-signs';
import { downloadFlags, sbomFlags, scanFlags, secretConfig, type SecretSearch } from './trivy-flags';
import { Limit } from '../limits';
import { Seconds } from '../times';

/**
 * How long a scan may continue after its time limit: each step gets at least one second, one step may have to
 * be killed, and the version is always read.
 */
export const OVERTIME_SECONDS =
  4 + Seconds.stepKillAfter + Seconds.stepVersion + Seconds.stepVersionKillAfter;

/**
 * What only the build knows about its image. The scan program fills it into arguments and names of files. No
 * synthesis has to know it, and the text of the build can be hashed.
 */
const OfImage = { digest: '{digest}', repository: '{repository}', scanId: '{scan-id}' } as const;
/** The registry of the image, which is that of the account and region in which everything is deployed. */
export const OWN_REGISTRY = '{registry}';

export interface ScanSettings {
  /** The time limit of all steps together, in seconds. */
  readonly seconds: number;
  /** The repositories of the two databases. */
  readonly databases: { readonly vulnerabilities: readonly string[]; readonly java: readonly string[] };
  /** `registry.mirrors` of Trivy's configuration. */
  readonly mirrors: Readonly<Record<string, readonly string[]>>;
  readonly secretSearch: SecretSearch;
}

/** The document that `normal-form scan` works by. */
export type ScanJob = ReturnType<typeof scanJob>;

const CACHE = '../cache';
/** Of the error output. */
const KEPT_BYTES = 16_384;

export function scanJob({ seconds, databases, mirrors, secretSearch }: ScanSettings) {
  // Trivy skips a file of the image that has the name of this configuration. Nobody could know the name when
  // the image was built
  const secrets = `secrets-${OfImage.scanId}.yaml`;
  const scan = scanFlags({
    scanners: ['vuln', 'secret', 'misconfig'],
    input: SCAN_INPUT,
    cache: CACHE,
    secrets,
    seconds,
  });
  return {
    seconds,
    killAfterSeconds: Seconds.stepKillAfter,
    versionSeconds: Seconds.stepVersion,
    versionKillAfterSeconds: Seconds.stepVersionKillAfter,
    throttledPauseSeconds: Seconds.databasePause,
    throttled: THROTTLED,
    registryVariables: [...REGISTRY_VARIABLES, 'AWS_ENDPOINT_URL'],
    hermeticVariables: HERMETIC_VARIABLES,
    files: {
      none: '', // the ignore file
      [secrets]: secretConfig(secretSearch),
      // Trivy reads it in the folder that it starts in
      ...(Object.keys(mirrors).length > 0 && { 'trivy.yaml': JSON.stringify({ registry: { mirrors } }) }),
    },
    read: [
      `--max-bytes=${Limit.normalFormBytes}`,
      `--max-entries=${Limit.imageFiles}`,
      OfImage.digest,
      'form',
      OfImage.repository,
    ],
    download: {
      vulnerabilities: ['image', ...downloadFlags('vulnerabilities', CACHE, databases.vulnerabilities)],
      java: ['image', ...downloadFlags('java', CACHE, databases.java)],
    },
    version: ['version', '--format=json', `--cache-dir=${CACHE}`],
    scan: ['image', ...scan],
    account: ['account', `--advisories=${CACHE}/db/trivy.db`, 'form', 'report.json'],
    convert: ['convert', ...sbomFlags(CACHE)],
    signs: Object.values(SCANNER_SIGNS),
    errorBytes: KEPT_BYTES,
  };
}
