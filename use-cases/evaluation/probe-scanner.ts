import { collectScan } from './collect-scan';
import type { EvaluateContext } from './evaluate-ports';
import { imageName, imageReference, type ImageName, type Repository } from '../../src/core/image/image';
import type { WantedSlot } from '../../src/core/register/scan-slots';
import { CAUSES, type Failure } from '../../src/core/scanning/failed-scan';
import { PROBE_SYSTEM, probeImage, type ProbeImage } from '../../src/core/scanning/probe-image';
import { checkProvenance, differencesText, type Build } from '../../src/core/scanning/provenance';
import { Seconds, Tries } from '../../src/core/times';

export interface ProbeContext extends Pick<EvaluateContext, 'uploads' | 'expectedBuild' | 'urlSuffix'> {
  /** Where the image is pushed to. */
  readonly repository: Repository;
  readonly images: { push(image: ProbeImage): Promise<unknown> };
  /** One for the probe too: a deployment is first in line (rule 4.12, turns). */
  readonly slots: {
    take(wanted: WantedSlot, now: Date): Promise<string | undefined>;
    keep(wanted: WantedSlot, until: string, now: Date): Promise<void>;
    refuse(wanted: WantedSlot, now: Date): Promise<void>;
    free(scanId: string, now: Date): Promise<void>;
  };
  readonly builds: EvaluateContext['builds'] & {
    start(scan: {
      scanId: string;
      image: string;
      reference: string;
    }): Promise<{ readonly buildId: string } | 'full' | 'busy' | { readonly none: string }>;
  };
  /** Pulls what a build needs through its caches, which are empty at first. Says what could not be pulled. */
  fillCaches(): Promise<readonly string[]>;
  newScanId(): string;
  now(): Date;
  sleep(seconds: number): Promise<void>;
}

interface AskedScan {
  readonly scanId: string;
  readonly image: ImageName;
  readonly reference: string;
}

interface Tried {
  /** Why the scan did not work. */
  readonly why: string;
  /** A repetition may show something else: IAM knows a new role's rights after a while. */
  readonly mayPass: boolean;
}

/**
 * Scans an image that is made for it with the real project, as dispatch would (rule 5.2, provenance).
 * Undefined if all is as it should be, otherwise what is not and what to do.
 */
export async function probeScanner(context: ProbeContext): Promise<string | undefined> {
  const until = context.now().getTime() + Seconds.probe * 1000;
  for (let tries = 1; ; tries++) {
    const tried = await probe(until, context).catch(notAllowed);
    if (tried === undefined) return undefined;
    const isLast = !tried.mayPass || tries === Tries.probe || isOver(until, context);
    if (isLast) {
      return `a scan does not work in this account: ${tried.why}. To deploy without this check, set deploymentProbe to DeploymentProbe.NONE`;
    }
    await context.sleep(Seconds.probePause);
  }
}

async function probe(until: number, context: ProbeContext): Promise<Tried | undefined> {
  const problems = await context.fillCaches();
  if (problems.length > 0) return { why: problems.join('; '), mayPass: true };
  const image = probeImage();
  await context.images.push(image);
  const { account, region, repository } = context.repository;
  const name = { account, region, repository, digest: image.digest };
  const asked: AskedScan = {
    scanId: context.newScanId(),
    image: imageName(name),
    reference: imageReference(name, context.urlSuffix),
  };
  const started = await startBuild(asked, until, context);
  if ('why' in started) return started;
  const build = await endOf(started.buildId, until, context);
  if ('why' in build) return build;
  await context.slots.free(asked.scanId, context.now());

  const log = `the log of the build ${build.id} may say more`;
  const differences = checkProvenance(build, context.expectedBuild, asked);
  if (differences.length > 0) {
    return {
      why: `CodeBuild describes the build otherwise than it was asked for: ${differencesText(differences)}; ${log}`,
      mayPass: false,
    };
  }
  const found = await collectScan(
    build,
    { ...asked, digest: image.digest, configDigest: image.configDigest },
    { uploads: context.uploads, now: context.now() },
  );
  if (!found.ok) return { why: `${failureText(found.error)}; ${log}`, mayPass: true };
  const system = found.value.report.Metadata.OS?.Family;
  if (system === PROBE_SYSTEM) return undefined;
  return {
    why: `Trivy finds the operating system ${system ?? 'none'} in the image of the probe, expected ${PROBE_SYSTEM}; ${log}`,
    mayPass: false,
  };
}

/** In its turn, and when CodeBuild takes it. */
async function startBuild(
  asked: AskedScan,
  until: number,
  context: ProbeContext,
): Promise<{ readonly buildId: string } | Tried> {
  const at = context.now().toISOString();
  const wanted: WantedSlot = {
    request: { version: 1, image: asked.image, reason: 'request', at },
    scanId: asked.scanId,
    waitSeconds: Seconds.probePause,
  };
  for (;;) {
    const started = await tryToStart(asked, wanted, until, context);
    if (!('wait' in started)) return started;
    if (isOver(until, context)) {
      return {
        why: `no build could start for ${Seconds.probe / 60} minutes: ${started.wait}; deploy again when fewer run, or raise the option concurrency, if it is set, or the quota for concurrently running builds on ${context.expectedBuild.computeType}`,
        mayPass: false,
      };
    }
    await context.sleep(Seconds.probePause);
  }
}

async function tryToStart(
  asked: AskedScan,
  wanted: WantedSlot,
  until: number,
  { slots, builds, now }: ProbeContext,
): Promise<{ readonly buildId: string } | Tried | { readonly wait: string }> {
  const wait = await slots.take(wanted, now());
  if (wait !== undefined) return { wait };
  const started = await builds.start(asked);
  if (started === 'full') {
    await slots.refuse(wanted, now());
    return { wait: 'CodeBuild takes no more builds' };
  }
  if (started === 'busy') {
    await slots.free(asked.scanId, now());
    return { wait: 'CodeBuild throttles' };
  }
  if ('buildId' in started) {
    await slots.keep(wanted, new Date(until).toISOString(), now());
    return started;
  }
  await slots.free(asked.scanId, now());
  const detail = `CodeBuild takes no builds of this account: ${started.none}`;
  return { why: failureText({ cause: 'BUILD_QUOTA_ZERO', detail }), mayPass: false };
}

async function endOf(buildId: string, until: number, context: ProbeContext): Promise<Build | Tried> {
  for (;;) {
    const build = await context.builds.get(buildId);
    if (build?.buildComplete === true) return build;
    if (isOver(until, context)) {
      return {
        why: `the build ${buildId} has not ended after ${Seconds.probe / 60} minutes; its phases in CodeBuild say what it waits for`,
        mayPass: false,
      };
    }
    await context.sleep(Seconds.probePoll);
  }
}

/** Of the probe's own calls: so far, IAM may not know its rights. */
function notAllowed(error: unknown): Tried {
  return { why: error instanceof Error ? `${error.name}: ${error.message}` : String(error), mayPass: true };
}

function failureText({ cause, detail }: Failure): string {
  // nobody retries a probe but the next deployment
  const remedy = CAUSES[cause].remedy.replace(/^it is retried automatically(?:; )?/, '');
  return [`${cause}: ${detail}`, remedy].filter(text => text !== '').join('; ');
}

function isOver(until: number, { now }: ProbeContext): boolean {
  return now().getTime() >= until;
}
