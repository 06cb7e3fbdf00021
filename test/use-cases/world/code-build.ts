import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { MemoryEvidence } from './evidence';
import type { Interruptions } from './interruptions';
import { IncomingFile, incomingKey } from '../../../src/core/evidence/evidence-keys';
import { imageOf } from '../../../src/core/image/image';
import type { Failure } from '../../../src/core/scanning/failed-scan';
import type { NormalForm } from '../../../src/core/scanning/normal-form';
import { Build, ScanVariable, type ExpectedBuild } from '../../../src/core/scanning/provenance';
import type { ScannerRun } from '../../../src/core/scanning/scan-outcome';
import type { StartedBuild } from '../../../use-cases/scanning/dispatch-ports';
import { accountingFile } from '../../core/support/accounted';

const BUILDSPEC = 'version: "0.2"';

/** What Trivy says of an operating system before it says whether it knows the release. */
const DETECTED = '2026-11-25T00:00:00Z\tINFO\tDetected OS\tfamily="debian" version="13.1"\n';

export const EXPECTED_BUILD: ExpectedBuild = {
  project: 'scans',
  serviceRole: 'arn:aws:iam::000000000000:role/scans',
  image: `trivy@sha256:${'7'.repeat(64)}`,
  environmentType: 'LINUX_CONTAINER',
  computeType: 'BUILD_GENERAL1_SMALL',
  privileged: false,
  buildspecSha256: sha256(BUILDSPEC),
  sourceLocation: 'assets/reader.zip',
  uploadsBucketArn: 'arn:aws:s3:::evidence',
  revision: 'revision-1',
  variables: {},
};

/**
 * What Trivy finds, or why the image was not read, or how a step ends; or how CodeBuild ends before any of
 * that.
 */
export type Run =
  | { readonly report: any; readonly errors?: string }
  | { readonly unread: Failure }
  | { readonly step?: ScannerRun['step']; readonly exitCode: number; readonly errors: string }
  | { readonly status: string };

type Draft = { -readonly [Key in keyof Build]: Build[Key] };

/** A project that runs the buildspec: same files, same checksums, one exported variable. */
export class MemoryCodeBuild {
  public readonly builds: Build[] = [];
  /** Answers that it takes no more builds now. */
  public busy = false;
  /** Answers that it throttles. */
  public throttles = false;
  /** How many builds the account may run at once. */
  public quota = Infinity;
  /** Whether builds above the quota wait in CodeBuild's own queue, which is in no order, or are refused. */
  public queues = false;
  public seconds = 90;
  public databaseUpdatedAt?: string;
  /** Files that builds upload in place of their own, with checksums that fit. */
  public uploads: Readonly<Record<string, Uint8Array | string>> = {};
  /** A file that builds do not upload. */
  public without: string | undefined;
  private readonly running: { readonly endsAt: Date; readonly build: Build }[] = [];
  private queued: { readonly at: Date; readonly build: Draft }[] = [];
  private readonly tokens = new Map<string, { readonly at: Date; readonly buildId: string }>();

  constructor(
    private readonly bucket: MemoryEvidence,
    private readonly interruptions: Interruptions,
    private readonly now: () => Date,
  ) {}

  public runOf: (image: string) => Run = () => ({ status: 'FAILED' });

  /** Digest of the image's config, which the reader of images writes down. */
  public configOf: (image: string) => string | undefined = () => undefined;

  /** Told of each build that ended. */
  public onEnd: (buildId: string) => void = () => undefined;

  public async start(scan: { scanId: string; image: string; reference: string }): Promise<StartedBuild> {
    await this.interruptions.before('builds.start');
    const before = this.tokens.get(scan.scanId);
    if (before !== undefined && this.now().getTime() - before.at.getTime() < 300_000) {
      return { buildId: before.buildId };
    }
    if (this.quota === 0) return { none: 'Cannot have more than 0 builds in queue for the account' };
    if (this.throttles) return 'busy';
    if (this.busy || (!this.queues && this.running.length >= this.quota)) return 'full';
    const build = this.add(scan);
    this.tokens.set(scan.scanId, { at: this.now(), buildId: build.id });
    return { buildId: build.id };
  }

  public async get(buildId: string): Promise<Build | undefined> {
    await this.interruptions.before('builds.get');
    const build = this.builds.find(({ id }) => id === buildId);
    return build === undefined ? undefined : Build.parse(structuredClone(build));
  }

  /** A build that is under way, as StartBuild makes it: by dispatch, or by somebody else. */
  public add({ scanId, image, reference }: { scanId: string; image: string; reference: string }): Build {
    const { project, serviceRole, image: scanner, environmentType, computeType } = EXPECTED_BUILD;
    const variables = {
      [ScanVariable.scanId]: scanId,
      [ScanVariable.image]: image,
      [ScanVariable.reference]: reference,
    };
    const build: Build = {
      id: `scans:00000000-0000-4000-8000-${String(this.builds.length + 1).padStart(12, '0')}`,
      projectName: project,
      buildStatus: 'IN_PROGRESS',
      buildComplete: false,
      serviceRole,
      source: { type: 'S3', location: EXPECTED_BUILD.sourceLocation, buildspec: BUILDSPEC },
      cache: { type: 'NO_CACHE' },
      environment: {
        type: environmentType,
        image: scanner,
        computeType,
        privilegedMode: false,
        environmentVariables: Object.entries(variables).map(([name, value]) => ({
          name,
          value,
          type: 'PLAINTEXT',
        })),
      },
    };
    this.builds.push(build);
    if (this.running.length >= this.quota) this.queued.push({ at: this.now(), build });
    else this.run(build);
    return build;
  }

  private run(build: Build): void {
    this.running.push({ build, endsAt: new Date(this.now().getTime() + this.seconds * 1000) });
  }

  /** Changes what BatchGetBuilds answers. */
  public change(build: Build, change: (build: Draft) => void): void {
    change(build);
  }

  public nextEnd(): Date | undefined {
    return this.running.map(({ endsAt }) => endsAt).sort((a, b) => a.getTime() - b.getTime())[0];
  }

  public endDue(): void {
    for (const each of this.running.filter(({ endsAt }) => endsAt <= this.now())) {
      this.running.splice(this.running.indexOf(each), 1);
      this.end(each.build);
      // the last comes first: nobody can say in which order they start
      const next = this.queued.pop();
      if (next !== undefined) {
        const durationInSeconds = (this.now().getTime() - next.at.getTime()) / 1000;
        next.build.phases = [{ phaseType: 'QUEUED', durationInSeconds }];
        this.run(next.build);
      }
      this.onEnd(each.build.id);
    }
  }

  private end(build: Draft): void {
    const variable = (name: string) =>
      build.environment.environmentVariables!.find(each => each.name === name)!.value;
    const run = this.runOf(variable(ScanVariable.image));
    build.buildComplete = true;
    build.buildStatus = 'status' in run ? run.status : 'SUCCEEDED';
    if ('status' in run) return;
    const scanId = variable(ScanVariable.scanId);
    build.artifacts = { location: `${EXPECTED_BUILD.uploadsBucketArn}/incoming/${scanId}` };
    build.exportedEnvironmentVariables = [
      { name: 'SUMS_SHA256', value: this.upload(scanId, variable(ScanVariable.image), run) },
    ];
  }

  /** As the reader of images writes it of this image: the layers of the form are those that Trivy reports. */
  private formOf(image: string, report: any): NormalForm {
    const none = `sha256:${'0'.repeat(64)}`;
    const diffIds: string[] = report?.Metadata?.DiffIDs ?? [];
    return {
      version: 2,
      image: imageOf(image).digest,
      config: this.configOf(image) ?? none,
      normalConfig: report?.Metadata?.ImageID ?? none,
      platform: { os: 'linux', architecture: 'amd64' },
      javaArchives: false,
      diffIds,
      secrets: [],
      layers: diffIds.map(normal => ({ normal, digest: normal, diffId: normal, holds: 'files' as const })),
    };
  }

  private upload(scanId: string, image: string, run: Exclude<Run, { status: string }>): string {
    const time = (seconds: number) =>
      new Date(this.now().getTime() - seconds * 1000).toISOString().replace(/\.\d+Z$/, 'Z');
    const databaseUpdatedAt =
      this.databaseUpdatedAt ?? `${this.now().toISOString().slice(0, 10)}T00:00:00.123456789Z`;
    const files: Record<string, Uint8Array | string> = {
      [IncomingFile.errors]: 'unread' in run ? run.unread.detail : (run.errors ?? DETECTED),
      [IncomingFile.version]: JSON.stringify({
        Version: '0.74.0',
        VulnerabilityDB: { Version: 2, UpdatedAt: databaseUpdatedAt },
      }),
      [IncomingFile.form]: JSON.stringify(
        'unread' in run
          ? { version: 2, failure: run.unread }
          : this.formOf(image, 'report' in run ? run.report : undefined),
      ),
      [IncomingFile.run]: JSON.stringify({
        ...endOf(run),
        startedAt: time(this.seconds - 10),
        finishedAt: time(1),
      }),
      ...('report' in run && {
        [IncomingFile.report]: gzipSync(JSON.stringify(run.report), { level: 1 }),
        [IncomingFile.accounting]: accountingFile(),
      }),
      ...this.uploads,
    };
    if (this.without !== undefined) delete files[this.without];
    const sums = Object.entries(files)
      .map(([file, bytes]) => `${sha256(bytes)}  ${file}\n`)
      .join('');
    for (const [file, bytes] of Object.entries({ ...files, [IncomingFile.checksums]: sums })) {
      this.bucket.put(incomingKey(scanId, file), bytes);
    }
    return sha256(sums);
  }
}

function endOf(run: Exclude<Run, { status: string }>): Pick<ScannerRun, 'step' | 'exitCode'> {
  if ('unread' in run) return { step: 'read', exitCode: 3 };
  return 'report' in run
    ? { step: 'account', exitCode: 0 }
    : { step: run.step ?? 'scan', exitCode: run.exitCode };
}

export function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}
