import * as z from 'zod';
import { ScanId } from '../ids';
import { ImageName } from '../image/image';
import { failed, ok, type Result } from '../result';
import { Seconds } from '../times';

/** The environment variables that only dispatch may set on a build. */
export const ScanVariable = { scanId: 'SCAN_ID', image: 'IMAGE', reference: 'IMAGE_REFERENCE' } as const;

/** What was synthesised: constants of the template, passed to the evaluator as one environment variable. */
export const ExpectedBuild = z.object({
  project: z.string(),
  serviceRole: z.string(),
  image: z.string(),
  environmentType: z.string(),
  computeType: z.string(),
  privileged: z.boolean(),
  buildspecSha256: z.string(),
  /** Bucket and key of the archive with the reader of images. The buildspec has the hash of its content. */
  sourceLocation: z.string(),
  /** Changes with every deployment that changes builds: a build that was started before it is no forgery. */
  revision: z.string(),
  evidenceBucketArn: z.string(),
  /** The project's own variables. All of them are PLAINTEXT. */
  variables: z.record(z.string(), z.string()),
});
export type ExpectedBuild = z.infer<typeof ExpectedBuild>;

/**
 * The fields of BatchGetBuilds that a caller of `codebuild:StartBuild` can override, and the state of the
 * build.
 */
export const Build = z.object({
  id: z.string(),
  projectName: z.string(),
  buildStatus: z.string(),
  buildComplete: z.boolean(),
  serviceRole: z.string(),
  source: z.object({ type: z.string(), buildspec: z.string().optional(), location: z.string().optional() }),
  secondarySources: z.array(z.unknown()).optional(),
  secondaryArtifacts: z.array(z.unknown()).optional(),
  fileSystemLocations: z.array(z.unknown()).optional(),
  buildBatchArn: z.string().optional(),
  debugSession: z.object({ sessionEnabled: z.boolean().optional() }).optional(),
  cache: z.object({ type: z.string().optional() }).optional(),
  artifacts: z.object({ location: z.string().optional() }).optional(),
  environment: z.object({
    type: z.string(),
    image: z.string(),
    computeType: z.string(),
    privilegedMode: z.boolean().optional(),
    certificate: z.string().optional(),
    registryCredential: z.unknown().optional(),
    fleet: z.object({ fleetArn: z.string().optional() }).optional(),
    dockerServer: z.unknown().optional(),
    environmentVariables: z
      .array(z.object({ name: z.string(), value: z.string(), type: z.string().optional() }))
      .optional(),
  }),
  /** How long a phase took, and what CodeBuild says if it failed. It proves nothing, and is only shown. */
  phases: z
    .array(
      z.object({
        phaseType: z.string().optional(),
        durationInSeconds: z.number().optional(),
        contexts: z.array(z.object({ message: z.string().optional() })).optional(),
      }),
    )
    .optional(),
  exportedEnvironmentVariables: z
    .array(z.object({ name: z.string().optional(), value: z.string().optional() }))
    .optional(),
});
export type Build = z.infer<typeof Build>;

/** What a build claims to have scanned. A hint: the register must say the same. */
export function namedByBuild(build: Build): { scanId: string; image: ImageName } | undefined {
  const scanId = ScanId.safeParse(variableOf(build, ScanVariable.scanId));
  const image = ImageName.safeParse(variableOf(build, ScanVariable.image));
  return scanId.success && image.success ? { scanId: scanId.data, image: image.data } : undefined;
}

/**
 * Whether CodeBuild kept the build waiting behind others: without a limit of the project it refuses no build
 * until five times the quota wait, and starts them in any order.
 * https://docs.aws.amazon.com/codebuild/latest/userguide/builds-working.html
 */
export function hasQueued({ phases = [] }: Build): boolean {
  return phases.some(
    ({ phaseType, durationInSeconds = 0 }) =>
      phaseType === 'QUEUED' && durationInSeconds > Seconds.buildStarts,
  );
}

/** The checksum of `SHA256SUMS`, as the build exported it. */
export function exportedChecksum(build: Build): string | undefined {
  return build.exportedEnvironmentVariables?.find(({ name }) => name === 'SUMS_SHA256')?.value;
}

const CHECKSUM_LINE = /^([0-9a-f]{64}) [ *]([A-Za-z0-9._-]{1,64})$/;

/** `SHA256SUMS` as sha256sum writes it: file name to checksum. */
export function readChecksums(text: string): Result<ReadonlyMap<string, string>, string> {
  const sums = new Map<string, string>();
  for (const line of text.split('\n').filter(each => each !== '')) {
    const [, sum, file] = CHECKSUM_LINE.exec(line) ?? [];
    if (sum === undefined || file === undefined || sums.has(file)) {
      return failed('SHA256SUMS has a line that is not a checksum, or a file twice');
    }
    sums.set(file, sum);
  }
  return ok(sums);
}

/** What dispatch asked for. */
interface AskedScan {
  readonly scanId: string;
  readonly image: string;
  readonly reference: string;
}

/**
 * How a build differs from what was synthesised and from what dispatch asked for; empty if it is ours (rule
 * 5.2, provenance). It compares everything, since a caller of `codebuild:StartBuild` can override nearly
 * everything.
 */
export function checkProvenance(
  build: Build,
  expected: ExpectedBuild,
  asked: AskedScan,
  sha256: (text: string) => string,
): string[] {
  const { environment, source } = build;
  const checks: [field: string, isOurs: boolean][] = [
    ['projectName', build.projectName === expected.project],
    ['serviceRole', build.serviceRole === expected.serviceRole],
    ['environment.image', environment.image === expected.image],
    ['environment.type', environment.type === expected.environmentType],
    ['environment.computeType', environment.computeType === expected.computeType],
    ['environment.privilegedMode', (environment.privilegedMode ?? false) === expected.privileged],
    ['environment.certificate', (environment.certificate ?? '') === ''],
    ['environment.registryCredential', environment.registryCredential === undefined],
    ['environment.fleet', environment.fleet?.fleetArn === undefined], // a fleet's machines may start from a foreign image
    ['environment.dockerServer', environment.dockerServer === undefined],
    [
      'environment.environmentVariables',
      sameVariables(build, {
        ...expected.variables,
        [ScanVariable.scanId]: asked.scanId,
        [ScanVariable.image]: asked.image,
        [ScanVariable.reference]: asked.reference,
      }),
    ],
    ['source.type', source.type === 'S3'],
    ['source.location', source.location === expected.sourceLocation],
    ['source.buildspec', sha256(source.buildspec ?? '') === expected.buildspecSha256],
    ['secondarySources', isEmpty(build.secondarySources)],
    ['secondaryArtifacts', isEmpty(build.secondaryArtifacts)],
    ['fileSystemLocations', isEmpty(build.fileSystemLocations)],
    ['buildBatchArn', build.buildBatchArn === undefined],
    ['debugSession', build.debugSession?.sessionEnabled !== true],
    ['cache', (build.cache?.type ?? 'NO_CACHE') === 'NO_CACHE'],
    [
      'artifacts.location',
      isOurFolder(build.artifacts?.location, expected.evidenceBucketArn, asked.scanId, build.buildStatus),
    ],
  ];
  return checks.filter(([, isOurs]) => !isOurs).map(([field]) => field);
}

function variableOf(build: Build, name: string): string | undefined {
  return build.environment.environmentVariables?.find(variable => variable.name === name)?.value;
}

function sameVariables(build: Build, wanted: Record<string, string>): boolean {
  const variables = build.environment.environmentVariables ?? [];
  const names = new Set(variables.map(({ name }) => name));
  return (
    variables.length === names.size &&
    names.size === Object.keys(wanted).length &&
    variables.every(
      ({ name, value, type }) => (type ?? 'PLAINTEXT') === 'PLAINTEXT' && wanted[name] === value,
    )
  );
}

/** A build that failed uploaded nothing: it names no folder, or an empty one. */
function isOurFolder(
  location: string | undefined,
  bucketArn: string,
  scanId: string,
  status: string,
): boolean {
  if ((location ?? '') === '') return status !== 'SUCCEEDED';
  return location === `${bucketArn}/incoming/${scanId}`;
}

function isEmpty(list: readonly unknown[] | undefined): boolean {
  return list === undefined || list.length === 0;
}
