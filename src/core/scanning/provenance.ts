import * as z from 'zod';
import { ScanId } from '../ids';
import { ImageName } from '../image/image';
import { failed, ok, type Result } from '../result';
import { plainText, quoted } from '../text/plain-text';
import { sha256Of } from '../text/sha256';
import { Seconds } from '../times';

/** Of one value, and of all differences of a build. */
const VALUE_CHARACTERS = 120;
const DIFFERENCES_CHARACTERS = 1000;

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
  uploadsBucketArn: z.string(),
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

/** A field of a build that is not as expected, with both values, as text. */
export interface Difference {
  readonly field: string;
  readonly given: string;
  readonly expected: string;
}

/** All differences in one line. */
export function differencesText(differences: readonly Difference[]): string {
  const all = differences.map(({ field, given, expected }) => `${field} is ${given}, expected ${expected}`);
  return plainText(all.join('; '), DIFFERENCES_CHARACTERS);
}

/**
 * How a build differs from what was synthesised and from what dispatch asked for; empty if it is ours (rule
 * 5.2, provenance). It compares everything, since a caller of `codebuild:StartBuild` can override nearly
 * everything. AWS does not specify whether what is not set is absent or empty, so both are the same.
 */
export function checkProvenance(build: Build, expected: ExpectedBuild, asked: AskedScan): Difference[] {
  const { environment, source } = build;
  const variables = variablesOf({
    ...expected.variables,
    [ScanVariable.scanId]: asked.scanId,
    [ScanVariable.image]: asked.image,
    [ScanVariable.reference]: asked.reference,
  });
  const given = (build.environment.environmentVariables ?? []).map(shownVariable);
  return [
    unlike('projectName', build.projectName, expected.project),
    unlike('serviceRole', build.serviceRole, expected.serviceRole),
    unlike('environment.image', environment.image, expected.image),
    unlike('environment.type', environment.type, expected.environmentType),
    unlike('environment.computeType', environment.computeType, expected.computeType),
    unlike('environment.privilegedMode', environment.privilegedMode ?? false, expected.privileged),
    set('environment.certificate', environment.certificate),
    set('environment.registryCredential', environment.registryCredential),
    set('environment.fleet', environment.fleet?.fleetArn), // a fleet's machines may start from a foreign image
    set('environment.dockerServer', environment.dockerServer),
    unlike(
      'environment.environmentVariables',
      without(given, variables).join(', '),
      without(variables, given).join(', '),
      shownText,
    ),
    unlike('source.type', source.type, 'S3'),
    unlike('source.location', bucketAndKey(source.location), expected.sourceLocation),
    unlike(
      'source.buildspec',
      hashOf(source.buildspec ?? ''),
      `SHA-256 ${expected.buildspecSha256}`,
      shownText,
    ),
    set('secondarySources', build.secondarySources),
    set('secondaryArtifacts', build.secondaryArtifacts),
    set('fileSystemLocations', build.fileSystemLocations),
    set('buildBatchArn', build.buildBatchArn),
    unlike('debugSession', build.debugSession?.sessionEnabled ?? false, false),
    unlike('cache', build.cache?.type || 'NO_CACHE', 'NO_CACHE'),
    unlikeFolder(build, `${expected.uploadsBucketArn}/incoming/${asked.scanId}`),
  ].filter(difference => difference !== undefined);
}

function unlike<T>(
  field: string,
  given: T,
  expected: T,
  show: (value: T) => string = shown,
): Difference | undefined {
  return given === expected ? undefined : { field, given: show(given), expected: show(expected) };
}

/** What no build of ours has. */
function set(field: string, given: unknown): Difference | undefined {
  return isNothing(given) ? undefined : { field, given: shown(given), expected: 'none' };
}

/** Also an empty list, and an object of nothing. */
function isNothing(given: unknown): boolean {
  if (Array.isArray(given)) return given.length === 0;
  if (typeof given === 'object' && given !== null) return Object.values(given).every(isNothing);
  return given === undefined || given === null || given === '';
}

function shown(value: unknown): string {
  if (isNothing(value)) return 'none';
  return typeof value === 'string' ? quoted(value, VALUE_CHARACTERS) : shownText(JSON.stringify(value));
}

function shownText(text: string): string {
  return plainText(text, VALUE_CHARACTERS) || 'none';
}

/** A build that failed uploaded nothing: it names no folder, or an empty one. */
function unlikeFolder({ artifacts, buildStatus }: Build, expected: string): Difference | undefined {
  const location = artifacts?.location ?? '';
  if (location === '' && buildStatus !== 'SUCCEEDED') return undefined;
  return unlike('artifacts.location', location.replace(/\/$/, ''), expected);
}

/** AWS documents both forms: `<bucket>/<key>` in its guide, and the ARN in the example of BatchGetBuilds. */
function bucketAndKey(location: string | undefined): string | undefined {
  return location?.replace(/^arn:[a-z-]+:s3:::/, '');
}

/** A line feed at the end changes no command. */
function hashOf(text: string): string {
  return `SHA-256 ${sha256Of(text.replace(/\n$/, ''))}`;
}

function variableOf(build: Build, name: string): string | undefined {
  return build.environment.environmentVariables?.find(variable => variable.name === name)?.value;
}

type Variable = NonNullable<Build['environment']['environmentVariables']>[number];

function variablesOf(values: Readonly<Record<string, string>>): string[] {
  return Object.entries(values).map(([name, value]) => shownVariable({ name, value }));
}

/** As one text, so that lists can be compared. A value that is read from elsewhere is none of ours. */
function shownVariable({ name, value, type = 'PLAINTEXT' }: Variable): string {
  const text = `${name}=${JSON.stringify(value)}`;
  return type === 'PLAINTEXT' ? text : `${text} (${type})`;
}

/** What one list has more often than the other. */
function without(list: readonly string[], other: readonly string[]): string[] {
  const left = [...other];
  return list.filter(each => {
    const at = left.indexOf(each);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}
