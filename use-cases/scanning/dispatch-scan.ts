import { dispatchIndex, requestChildren } from './dispatch-index';
import {
  CONFLICT,
  later,
  waitSeconds,
  type DispatchContext,
  type DispatchOutcome,
  type ManifestFailure,
} from './dispatch-ports';
import {
  imageOf,
  imageReference,
  whyOtherRegion,
  type Image,
  type ImageName,
} from '../../src/core/image/image';
import { readManifest, type Descriptor } from '../../src/core/image/manifest';
import { Limit } from '../../src/core/limits';
import { decideScan } from '../../src/core/register/decide-scan';
import { type ScanLease, type RegisterRow } from '../../src/core/register/row';
import type { WantedSlot } from '../../src/core/register/scan-slots';
import {
  withFailedScan,
  withoutLease,
  withoutSignature,
  withPriority,
  withTag,
} from '../../src/core/register/transitions';
import type { Cause, Failure } from '../../src/core/scanning/failed-scan';
import { nextFailedScan } from '../../src/core/scanning/failed-scan';
import { priorityOf, type ScanRequest } from '../../src/core/scanning/scan-request';
import { plainText } from '../../src/core/text/plain-text';
import { Seconds, Tries } from '../../src/core/times';

/** "Look at image X again": takes the scan lease in the register and starts a build, or says why not. */
export async function dispatchScan(given: ScanRequest, context: DispatchContext): Promise<DispatchOutcome> {
  const request = notFromTheFuture(given, context.now);
  const image = imageOf(request.image);
  const elsewhere = whyOtherRegion(image, context.home);
  if (elsewhere !== undefined) return { done: `skipped: ${elsewhere}` };
  if (!(await context.isEnrolled(image, context.home))) {
    return { done: 'skipped: its repository is not enrolled' };
  }
  if (request.reason === 'untagged-push') {
    const waited = (context.now.getTime() - Date.parse(given.at)) / 1000;
    const wait = Seconds.untaggedPushWait - waited;
    // from the future: it would wait for ever
    if (wait > 0 && waited > -Seconds.clockSkew) {
      return { deferSeconds: Math.ceil(wait), why: 'an untagged push waits for its index' };
    }
  }

  let row = await context.register.load(request.image);
  if (row.rowVersion > 0) {
    const tagged = withPriority(withTag(row, request.tag), priorityOf(request));
    // a push: the image may have been deleted in between, and its signature with it
    const known = request.reason === 'push' ? withoutSignature(tagged) : tagged;
    if (known !== row) {
      const saved = await context.register.save(known, context.now);
      if (saved === undefined) return CONFLICT;
      row = saved;
    }
    const decision = row.kind === 'index' ? undefined : decideScan(row, request, context.now);
    if (decision?.action === 'skip') {
      await requestPublication(row, context);
      return { done: `skipped: ${decision.why}` };
    }
    if (decision?.action === 'wait') return { deferSeconds: decision.seconds, why: decision.why };
    if (decision?.action === 'resume') return startBuild(row, decision.lease, request, context);
    if (decision?.action === 'scan' && row.lease !== undefined) {
      // otherwise it would be built again every hour, without end
      return recordFailure(row, neverReported(row.lease), context);
    }
    if (row.kind === 'index' && row.children !== undefined) return requestChildren(row, request, context);
    if (row.attachment !== undefined) return dispatchAttachment(row, row.attachment, context);
  }
  return dispatchNew(withTag(row, request.tag), request, image, context);
}

const CAUSE_OF: Readonly<Record<Exclude<ManifestFailure['problem'], 'busy'>, Cause>> = {
  'not-found': 'IMAGE_GONE',
  denied: 'REGISTRY_DENIED',
  'too-large': 'UNSCANNABLE',
  'other-digest': 'UNSCANNABLE',
  withheld: 'UNSCANNABLE',
};

/**
 * First a slot, then the manifest: a request that waits for its turn asks ECR for nothing. What turns out to
 * need no build gives the slot back.
 */
async function dispatchNew(
  row: RegisterRow,
  request: ScanRequest,
  image: Image,
  context: DispatchContext,
): Promise<DispatchOutcome> {
  const wanted = {
    request,
    scanId: context.newScanId(),
    waitSeconds: waitSeconds(Seconds.slotRetry, request, context),
  };
  const why = await context.slots.take(wanted, context.now);
  if (why !== undefined) return { deferSeconds: wanted.waitSeconds, why };

  const fetched = await context.images.manifest(image, Limit.manifestBytes);
  if (!fetched.ok) {
    await releaseSlot(wanted.scanId, context);
    const { problem, message } = fetched.error;
    if (problem === 'busy') return later('ECR throttles', request, context);
    return recordFailure(row, { cause: CAUSE_OF[problem], detail: plainText(message, 300) }, context);
  }

  const manifest = readManifest(fetched.value.text, fetched.value.mediaType);
  if (manifest.kind === 'image') return dispatchImage(row, manifest, wanted, context);
  await releaseSlot(wanted.scanId, context);
  switch (manifest.kind) {
    case 'attachment':
      return dispatchAttachment(row, manifest, context);
    case 'unscannable':
      return recordFailure(row, { cause: 'UNSCANNABLE', detail: manifest.why }, context);
    case 'index': {
      const outcome = await dispatchIndex(row, manifest.children, request, context);
      return 'failure' in outcome ? recordFailure(row, outcome.failure, context) : outcome;
    }
  }
}

/**
 * An attachment is not scanned. If an index names it as one of its images, the index would wait for it
 * without end: then it is a failed scan.
 */
async function dispatchAttachment(
  row: RegisterRow,
  { type, subject }: NonNullable<RegisterRow['attachment']>,
  context: DispatchContext,
): Promise<DispatchOutcome> {
  if (row.parents !== undefined) {
    return recordFailure(
      row,
      {
        cause: 'UNSCANNABLE',
        detail: 'an index names it as an image, but it is a signature, an attestation or an SBOM',
      },
      context,
    );
  }
  const attachment = { type, ...(subject !== undefined && { subject }) };
  if (
    row.attachment === undefined &&
    (await context.register.save({ ...row, kind: 'attachment', attachment }, context.now)) === undefined
  ) {
    return CONFLICT;
  }
  return { done: 'skipped: a signature, an attestation or an SBOM' };
}

async function dispatchImage(
  row: RegisterRow,
  manifest: { config: Descriptor; layers: readonly Descriptor[] },
  { request, scanId }: WantedSlot,
  context: DispatchContext,
): Promise<DispatchOutcome> {
  const size = manifest.layers.reduce((sum, layer) => sum + layer.size, 0);
  if (size > Limit.imageBytes) {
    await releaseSlot(scanId, context);
    return recordFailure(
      row,
      { cause: 'UNSCANNABLE', detail: `it has ${size} bytes, allowed: ${Limit.imageBytes}` },
      context,
    );
  }
  const lease: ScanLease = {
    scanId,
    scanSeq: row.scanSeq + 1,
    at: context.now.toISOString(),
    until: new Date(context.now.getTime() + context.leaseSeconds * 1000).toISOString(),
    configDigest: manifest.config.digest,
    buildRevision: context.buildRevision,
    reason: request.reason,
    requestedAt: request.at,
    priority: priorityOf(request),
  };
  const leased = await context.register.save(
    { ...row, kind: 'image', scanSeq: row.scanSeq + 1, lease },
    context.now,
  );
  if (leased === undefined) {
    await releaseSlot(scanId, context);
    return CONFLICT;
  }
  return startBuild(leased, lease, request, context);
}

async function startBuild(
  row: RegisterRow,
  lease: ScanLease,
  request: ScanRequest,
  context: DispatchContext,
): Promise<DispatchOutcome> {
  const { scanId } = lease;
  const started = await context.builds.start({
    scanId,
    image: row.pk,
    reference: imageReference(imageOf(row.pk), context.urlSuffix),
  });
  const wanted = { request, scanId, waitSeconds: waitSeconds(Seconds.backpressure, request, context) };
  if (started === 'full' || started === 'busy') {
    await changeLease(row, scanId, leased => withoutLease(leased, scanId), context);
    if (started === 'busy') {
      await releaseSlot(scanId, context);
      return later('CodeBuild throttles', request, context);
    }
    await context.slots.refuse(wanted, context.now);
    return { deferSeconds: wanted.waitSeconds, why: 'CodeBuild takes no more builds now' };
  }
  if ('none' in started) {
    await releaseSlot(scanId, context);
    const detail = `CodeBuild takes no builds of this account: ${plainText(started.none, 200)}`;
    return recordFailure(row, { cause: 'BUILD_QUOTA_ZERO', detail }, context);
  }
  await context.slots.keep(wanted, lease.until, context.now);
  // CodeBuild's state events are best effort
  await context.results.send({ version: 1, buildId: started.buildId }, Seconds.buildFollowUp);
  // if this never succeeds, the evaluator still recognises the build by everything else that it checks
  await changeLease(
    row,
    scanId,
    leased => ({ ...leased, lease: { ...leased.lease!, buildId: started.buildId } }),
    context,
  );
  return { done: 'scan started', scanId };
}

/** No build for it: those whose turn it is are sent again. */
async function releaseSlot(scanId: string, context: DispatchContext): Promise<void> {
  await context.requests.sendAll(await context.slots.release(scanId, false, context.now));
}

/** A scan that begins now is to count as the answer, whatever clock the sender has. */
function notFromTheFuture(request: ScanRequest, now: Date): ScanRequest {
  return Date.parse(request.at) > now.getTime() ? { ...request, at: now.toISOString() } : request;
}

/**
 * Others write tags and parents at any time, so a lost race is tried again while the scan lease is ours. If
 * all tries fail, the lease ends by itself.
 */
async function changeLease(
  row: RegisterRow,
  scanId: string,
  change: (row: RegisterRow) => RegisterRow,
  context: DispatchContext,
): Promise<void> {
  let current = row;
  for (let tries = 0; tries < Tries.lease && current.lease?.scanId === scanId; tries++) {
    if ((await context.register.save(change(current), context.now)) !== undefined) return;
    current = await context.register.load(row.pk);
  }
}

function neverReported({ scanId }: ScanLease): Failure {
  return {
    cause: 'BUILD_FAULT',
    detail: `the lease of scan ${scanId} ended, and nothing was heard of its build`,
  };
}

/** Records a failed scan. The evaluator publishes it. */
async function recordFailure(
  row: RegisterRow,
  failure: Failure,
  context: DispatchContext,
): Promise<DispatchOutcome> {
  // its lease has ended: otherwise decideScan would have skipped the image
  const withoutItsLease = withoutLease(row, row.lease?.scanId);
  const failedScan = {
    ...nextFailedScan(row.lastFailedScan, failure, context.now),
    ...(row.lease?.priority !== undefined && { priority: row.lease.priority }),
  };
  const saved = await context.register.save(withFailedScan(withoutItsLease, failedScan), context.now);
  if (saved === undefined) return CONFLICT;
  await context.results.send(lookAt(row.pk));
  return { done: `not scanned: ${failure.detail}`, cause: failure.cause };
}

/** A dispatch that recorded a failed scan and then crashed never asked the evaluator to publish it. */
async function requestPublication(
  { pk, outbox, lastFailedScan }: RegisterRow,
  context: DispatchContext,
): Promise<void> {
  if (outbox?.includes('failed-scan') === true && lastFailedScan?.scanId === undefined) {
    await context.results.send(lookAt(pk));
  }
}

function lookAt(image: ImageName): { version: 1; image: ImageName } {
  return { version: 1, image };
}
