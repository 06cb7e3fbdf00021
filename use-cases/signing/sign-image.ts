import { signEnvelope } from './sign-envelope';
import { findSignature, signInRegistry } from './sign-in-registry';
import type { SignContext, SignOutcome } from './sign-ports';
import { removeSummary } from './sign-summary';
import { revokedEvent, trustedEvent } from '../../src/core/events/image-events';
import type { SignRequest } from '../../src/core/events/sign-request';
import type { Verdict, VerdictSummary } from '../../src/core/evidence/verdict';
import type { ImageName } from '../../src/core/image/image';
import type { RegisterRow, RegistrySignature } from '../../src/core/register/row';
import { isUnsigned, withRevokedSignature, withStatement } from '../../src/core/register/transitions';
import { PayloadType } from '../../src/core/signing/dsse';
import { claimsOf, statementBytes } from '../../src/core/signing/statement';
import { Seconds, Tries } from '../../src/core/times';
import { loadVerdict } from '../evidence/evidence-documents';

/**
 * Signs if the register's current verdict is the PASS that it was called for (rule 4.11, sign only what the
 * register says). It writes to the registry first, once for each digest, and to the register last, so that an
 * image that a gate admits is signed completely.
 */
export async function signImage(
  { image, verdictId }: SignRequest,
  context: SignContext,
): Promise<SignOutcome> {
  const row = await context.register.load(image);
  const { verdict } = row;
  if (verdict?.outcome === 'FAIL') {
    return { ...(await endTrust(row, verdict, verdictId, context)), scanId: verdict.scanId };
  }
  if (verdict?.verdictId !== verdictId) {
    return { done: 'nothing signed: the register has another verdict by now, with a message of its own' };
  }
  const { scanId } = verdict;
  if (row.statement?.verdictId === verdictId) {
    return { ...(await publishTrusted(row, verdict, context)), scanId };
  }
  if (!isUnsigned(row, context.now)) {
    return { done: `nothing signed: the verdict held until ${verdict.validUntil}`, scanId };
  }

  const document = await passOf(image, verdict, context);
  const claims = claimsOf(document, context.urlSuffix);
  const signature =
    document.policy.audit === true ? row.signature : await signInRegistry(row, document, claims, context);
  if (signature === 'gone') {
    return { done: 'nothing signed: the registry has no such image any more', scanId };
  }
  const payload = statementBytes({ ...claims, validUntil: document.validUntil });
  const statement = {
    verdictId,
    envelope: await signEnvelope(PayloadType.statement, payload, context.signer),
  };
  return { ...(await record(image, statement, signature, context)), scanId };
}

/**
 * The register refers to the verdict, but other roles than the evaluator write the register. So the verdict
 * in the evidence is signed.
 */
async function passOf(
  image: ImageName,
  summary: VerdictSummary,
  { evidence }: SignContext,
): Promise<Verdict> {
  const verdict = await loadVerdict(summary, image, evidence);
  if (
    verdict.outcome !== 'PASS' ||
    verdict.verdictId !== summary.verdictId ||
    verdict.validUntil !== summary.validUntil
  ) {
    throw new Error(
      `the register says PASS until ${summary.validUntil}, and ${summary.evidenceKey} says ${verdict.outcome} until ${verdict.validUntil}: look for who changed the register`,
    );
  }
  return verdict;
}

async function record(
  image: ImageName,
  statement: NonNullable<RegisterRow['statement']>,
  signature: RegistrySignature | undefined,
  context: SignContext,
): Promise<SignOutcome> {
  for (let tries = 0; tries < Tries.sign; tries++) {
    const row = await context.register.load(image);
    const isStill = row.verdict?.verdictId === statement.verdictId;
    const changed = isStill
      ? withStatement(row, statement, signature)
      : signature === undefined
        ? row
        : withRevokedSignature(row, signature);
    const saved = changed === row ? row : await context.register.save(changed, context.now);
    if (saved === undefined) continue;
    if (isStill) return publishTrusted(saved, saved.verdict!, context);
    if (saved.verdict?.outcome === 'FAIL' && saved.revokedBy === saved.verdict.verdictId) {
      await publishRevoked(saved, saved.verdict, context);
    }
    return { done: 'no statement: the register has another verdict by now' };
  }
  return { deferSeconds: Seconds.rowConflict, why: "the image's row changed in between" };
}

/**
 * Published also for a repeated message: an earlier run may have stopped after the write and before the
 * event.
 */
async function publishTrusted(
  row: RegisterRow,
  verdict: VerdictSummary,
  context: SignContext,
): Promise<SignOutcome> {
  await context.events.publish(trustedEvent(row.pk, verdict, row.tags));
  return { done: `signed: trusted until ${verdict.validUntil}`, signed: true };
}

const NOTHING_TO_END: SignOutcome = { done: 'nothing signed: it does not pass, and was not trusted' };

/** Published once for each revocation: a later FAIL of an untrusted image is no change. */
async function endTrust(
  row: RegisterRow,
  verdict: VerdictSummary,
  verdictId: string,
  context: SignContext,
): Promise<SignOutcome> {
  if (row.held !== undefined) return { done: 'nothing revoked: the brake holds the revocation' };
  // also for a verdict that was replaced: an earlier run may have stopped before it published the event
  const isOverdue = verdictId !== verdict.verdictId;
  if (row.revokedBy !== undefined) {
    return row.revokedBy === verdictId || isOverdue ? publishRevoked(row, verdict, context) : NOTHING_TO_END;
  }
  if (row.signature !== undefined || !(isOverdue || row.replaced?.outcome === 'PASS')) return NOTHING_TO_END;
  if (context.options.manifests === 'NONE') return NOTHING_TO_END;
  const signature = await findSignature(row.pk, context);
  if (signature === undefined) return NOTHING_TO_END;
  const saved = await context.register.save(withRevokedSignature(row, signature), context.now);
  return saved === undefined
    ? { deferSeconds: Seconds.rowConflict, why: "the image's row changed in between" }
    : publishRevoked(saved, verdict, context);
}

async function publishRevoked(
  row: RegisterRow,
  verdict: VerdictSummary,
  context: SignContext,
): Promise<SignOutcome> {
  await removeSummary(row.pk, context);
  await context.events.publish(revokedEvent(row.pk, verdict, row.tags));
  return { done: 'revoked: it was trusted, and does not pass any more' };
}
