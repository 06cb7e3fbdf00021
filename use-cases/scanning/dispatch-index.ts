import { CONFLICT, later, type DispatchContext, type DispatchOutcome } from './dispatch-ports';
import { imageName, imageOf, sibling } from '../../src/core/image/image';
import { holdsOnlyInToto, looksLikeAttestation, type Descriptor } from '../../src/core/image/manifest';
import { Limit } from '../../src/core/limits';
import type { Child, RegisterRow } from '../../src/core/register/row';
import { withParent } from '../../src/core/register/transitions';
import type { Failure } from '../../src/core/scanning/failed-scan';
import {
  priorityOf,
  requestFor,
  type ScanReason,
  type ScanRequest,
} from '../../src/core/scanning/scan-request';

/** Reasons that an index passes on to its images. */
const PASSED_ON: readonly ScanReason[] = ['enrolment', 'renewal', 'request'];

/** An index is not scanned, its images are, each on its own (rule 4.8, indexes). */
export async function dispatchIndex(
  row: RegisterRow,
  descriptors: readonly Descriptor[],
  request: ScanRequest,
  context: DispatchContext,
): Promise<DispatchOutcome | { failure: Failure }> {
  const children: Child[] = [];
  for (const descriptor of descriptors) {
    const isAttestation = await holdsAttestation(row, descriptor, context);
    if (isAttestation === 'busy') return later('ECR throttles', request, context);
    if (isAttestation || children.some(({ digest }) => digest === descriptor.digest)) continue;
    children.push({ digest: descriptor.digest, platform: platformOf(descriptor) });
  }
  if (children.length === 0) {
    return { failure: { cause: 'UNSCANNABLE', detail: 'its index names attestations only' } };
  }
  const { lastFailedScan: _failed, outbox: _outbox, ...rest } = row;
  const saved = await context.register.save({ ...rest, kind: 'index', children }, context.now);
  return saved === undefined ? CONFLICT : requestChildren(saved, request, context);
}

/**
 * First writes the index into the rows of its images, so that a verdict in between notifies it. Then requests
 * scans of the images, and last a fold, for verdicts that exist already.
 */
export async function requestChildren(
  row: RegisterRow,
  request: ScanRequest,
  context: DispatchContext,
): Promise<DispatchOutcome> {
  const index = imageOf(row.pk);
  for (const { digest } of row.children ?? []) {
    const child = await context.register.load(imageName(sibling(index, digest)));
    const linked = withParent(child, index.digest);
    if (linked !== child && (await context.register.save(linked, context.now)) === undefined) return CONFLICT;
  }
  const reason = PASSED_ON.includes(request.reason) ? request.reason : 'index';
  await context.requests.sendAll(
    (row.children ?? []).map(({ digest }) => ({
      ...requestFor(row.pk, digest, reason, context.now, priorityOf(request)),
      at: request.at,
    })),
  );
  await context.results.send({ version: 1, image: row.pk });
  return { done: `index: scans of its ${row.children?.length} images are requested` };
}

async function holdsAttestation(
  row: RegisterRow,
  descriptor: Descriptor,
  context: DispatchContext,
): Promise<boolean | 'busy'> {
  if (!looksLikeAttestation(descriptor)) return false;
  const manifest = await context.images.manifest(
    sibling(imageOf(row.pk), descriptor.digest),
    Limit.manifestBytes,
  );
  if (!manifest.ok) return manifest.error.problem === 'busy' ? 'busy' : false;
  return holdsOnlyInToto(manifest.value.text);
}

function platformOf({ platform }: Descriptor): string {
  return [platform?.os ?? 'unknown', platform?.architecture ?? 'unknown', platform?.variant]
    .filter(part => part !== undefined)
    .join('/')
    .slice(0, 60);
}
