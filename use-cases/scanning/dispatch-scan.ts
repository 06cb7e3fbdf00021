import { dispatchIndex, requestChildren } from './dispatch-index';
import { CONFLICT, type DispatchContext, type DispatchOutcome, type ManifestFailure } from './dispatch-ports';
import {
  imageOf,
  imageReference,
  whyElsewhere,
  type Image,
  type ImageName,
} from '../../src/core/image/image';
import { readManifest, type Descriptor } from '../../src/core/image/manifest';
import { Limit } from '../../src/core/limits';
import { decideScan } from '../../src/core/register/decide-scan';
import { type ScanLease, type RegisterRow } from '../../src/core/register/row';
import { withFailedScan, withoutLease, withoutSignature, withTag } from '../../src/core/register/transitions';
import type { Cause, Failure } from '../../src/core/scanning/failed-scan';
import { nextFailedScan } from '../../src/core/scanning/failed-scan';
import type { ScanRequest } from '../../src/core/scanning/scan-request';
import { plainText } from '../../src/core/text/plain-text';
import { Seconds, Tries } from '../../src/core/times';

/** "Look at image X again": takes the scan lease in the register and starts a build, or says why not. */
export async function dispatchScan(request: ScanRequest, context: DispatchContext): Promise<DispatchOutcome> {
  const image = imageOf(request.image);
  const elsewhere = whyElsewhere(image, context.home);
  if (elsewhere !== undefined) return { done: `skipped: ${elsewhere}` };
  if (!(await context.isEnrolled(image))) return { done: 'skipped: its repository is not enrolled' };
  if (request.reason === 'untagged-push') {
    const wait = Seconds.untaggedPushWait - (context.now.getTime() - Date.parse(request.at)) / 1000;
    if (wait > 0) return { deferSeconds: Math.ceil(wait), why: 'an untagged push waits for its index' };
  }

  let row = await context.register.load(request.image);
  if (row.rowVersion > 0) {
    const tagged = withTag(row, request.tag);
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
    if (decision?.action === 'resume') return startBuild(row, decision.lease, context);
    if (decision?.action === 'scan' && row.lease !== undefined) {
      // otherwise it would be built again every hour, without end
      return recordFailure(row, neverReported(row.lease), context);
    }
    if (row.kind === 'index' && row.children !== undefined) return requestChildren(row, request, context);
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

async function dispatchNew(
  row: RegisterRow,
  request: ScanRequest,
  image: Image,
  context: DispatchContext,
): Promise<DispatchOutcome> {
  const fetched = await context.images.manifest(image, Limit.manifestBytes);
  if (!fetched.ok) {
    const { problem, message } = fetched.error;
    if (problem === 'busy') return context.later('ECR throttles');
    return recordFailure(row, { cause: CAUSE_OF[problem], detail: plainText(message, 300) }, context);
  }

  const manifest = readManifest(fetched.value.text, fetched.value.mediaType);
  switch (manifest.kind) {
    case 'attachment':
      return dispatchAttachment(row, manifest, context);
    case 'unscannable':
      return recordFailure(row, { cause: 'UNSCANNABLE', detail: manifest.why }, context);
    case 'index': {
      const outcome = await dispatchIndex(row, manifest.children, request, context);
      return 'failure' in outcome ? recordFailure(row, outcome.failure, context) : outcome;
    }
    case 'image':
      return dispatchImage(row, manifest, request, context);
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
  request: ScanRequest,
  context: DispatchContext,
): Promise<DispatchOutcome> {
  const size = manifest.layers.reduce((sum, layer) => sum + layer.size, 0);
  if (size > Limit.imageBytes) {
    return recordFailure(
      row,
      { cause: 'UNSCANNABLE', detail: `it has ${size} bytes, allowed: ${Limit.imageBytes}` },
      context,
    );
  }

  const scanId = context.newScanId();
  const leaseUntil = new Date(context.now.getTime() + context.leaseSeconds * 1000);
  const lease: ScanLease = {
    scanId,
    scanSeq: row.scanSeq + 1,
    at: context.now.toISOString(),
    until: leaseUntil.toISOString(),
    configDigest: manifest.config.digest,
    buildRevision: context.buildRevision,
    reason: request.reason,
  };
  if (
    !(await context.register.takeSlot(row.pk, scanId, leaseUntil, context.inFlightPerRepository, context.now))
  ) {
    return {
      deferSeconds: context.jitter(...Seconds.slotRetry),
      why: `its repository has ${context.inFlightPerRepository} scans under way`,
    };
  }
  const leased = await context.register.save(
    { ...row, kind: 'image', scanSeq: row.scanSeq + 1, lease },
    context.now,
  );
  if (leased === undefined) {
    await context.register.releaseSlot(row.pk, scanId);
    return CONFLICT;
  }
  return startBuild(leased, lease, context);
}

async function startBuild(
  row: RegisterRow,
  lease: ScanLease,
  context: DispatchContext,
): Promise<DispatchOutcome> {
  const { scanId } = lease;
  const started = await context.builds.start({
    scanId,
    image: row.pk,
    reference: imageReference(imageOf(row.pk), context.urlSuffix),
  });
  if (started === 'busy') {
    await changeLease(row, scanId, leased => withoutLease(leased, scanId), context);
    await context.register.releaseSlot(row.pk, scanId);
    return context.later('CodeBuild takes no more builds now');
  }
  // CodeBuild's state events are best effort
  await context.results.send({ version: 1, buildId: started.buildId }, Seconds.buildFollowUp);
  // if this never succeeds, the evaluator still recognises the build by everything else that it checks
  await changeLease(
    row,
    scanId,
    leased => ({ ...leased, lease: { ...lease, buildId: started.buildId } }),
    context,
  );
  return { done: 'scan started', scanId };
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
  const saved = await context.register.save(
    withFailedScan(withoutItsLease, nextFailedScan(row.lastFailedScan, failure, context.now)),
    context.now,
  );
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
