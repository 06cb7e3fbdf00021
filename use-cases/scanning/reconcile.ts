import type { SignRequest } from '../../src/core/events/sign-request';
import {
  isAdmitted,
  isEnrolledByName,
  isEnrolledByTags,
  needsTags,
  repositoriesElsewhere,
  type Enrolment,
} from '../../src/core/image/enrolment';
import {
  imageName,
  imageOf,
  whyOtherRegion,
  type Image,
  type ImageName,
  type Place,
} from '../../src/core/image/image';
import { NO_COVERAGE, withRow, type Coverage } from '../../src/core/register/coverage';
import { hasHoldEnded } from '../../src/core/register/hold-revocation';
import {
  isBack,
  isJudgedByOlder,
  isUnknown,
  reasonToLook,
  wouldStayForever,
} from '../../src/core/register/next-look';
import type { Pulled } from '../../src/core/register/revocation-brake';
import type { RegisterRow } from '../../src/core/register/row';
import { isUnsigned } from '../../src/core/register/transitions';
import type { RepositoryMessage } from '../../src/core/scanning/reconcile-message';
import type { ResultMessage } from '../../src/core/scanning/result-message';
import { ATTACHMENT_TAG, requestFor, type ScanRequest } from '../../src/core/scanning/scan-request';
import { plainText } from '../../src/core/text/plain-text';
import { Seconds, AtOnce, Rates } from '../../src/core/times';

export interface ReconcileContext {
  readonly register: {
    load(image: ImageName): Promise<RegisterRow>;
    due(now: Date): AsyncIterable<RegisterRow>;
    rowsOf(repository: RepositoryMessage): AsyncIterable<RegisterRow>;
  };
  readonly images: {
    repositories(): AsyncIterable<{ name: string; arn: string; account: string }>;
    tags(repositoryArn: string): Promise<Record<string, string>>;
    images(
      repository: Pick<RepositoryMessage, 'account' | 'repository'>,
    ): AsyncIterable<{ digest: string; tags: string[]; pushedAt: Date }>;
    archived(repository: Pick<RepositoryMessage, 'account' | 'repository'>): AsyncIterable<string>;
  };
  readonly policies: {
    policy(): Promise<{ revision: number } | undefined>;
    waivers(): Promise<{ revision: number } | undefined>;
  };
  readonly requests: {
    sendAll(requests: readonly ScanRequest[]): Promise<void>;
    /** About how many renewals and old images wait. */
    backlog(): Promise<number>;
  };
  readonly results: { sendAll(messages: readonly ResultMessage[]): Promise<void> };
  readonly repositories: { sendAll(repositories: readonly RepositoryMessage[]): Promise<void> };
  /** Absent where no signer was deployed. */
  readonly signing?: { sendAll(requests: readonly SignRequest[]): Promise<void> };
  /** The brake on revocations. Absent where the trust has none. */
  readonly brake?: {
    pulled(now: Date): Promise<Pulled | undefined>;
    countPassed(counted: { readonly repository: string; readonly images: number }, now: Date): Promise<void>;
  };
  readonly enrolment: Enrolment;
  readonly home: Place;
  readonly now: Date;
}

/**
 * Sends everything that is due back to the queues, then a message for each enrolled repository to compare.
 */
export async function reconcileDue(
  context: ReconcileContext,
  mark: Pick<RepositoryMessage, 'uncounted'> = {},
): Promise<{ due: number; repositories: number }> {
  const { repositories, names } = await lookAtRepositories(context);
  const waiting = await context.requests.backlog();
  const mayRenew = waiting < Rates.renewalsWaiting ? Rates.renewalsPerRun : 0;
  let due = 0;
  let renewals = 0;
  for await (const rows of inPages(context.register.due(context.now), AtOnce.reconcile)) {
    const looks: ResultMessage[] = [];
    const requests: ScanRequest[] = [];
    for (const row of rows) {
      const reason = reasonToLook(row, context.now);
      if (reason === undefined) continue;
      // checked before it is counted: images of repositories that left stay due, and would use up the rate
      if (reason === 'renewal' && (!names.has(nameIn(imageOf(row.pk))) || ++renewals > mayRenew)) {
        continue;
      }
      if (reason === 'publish' || reason === 'fold' || reason === 'judge') {
        looks.push({ version: 1, image: row.pk });
      } else {
        const priority = reason === 'retry' ? row.lastFailedScan?.priority : undefined;
        requests.push(requestFor(row.pk, imageOf(row.pk).digest, reason, context.now, priority));
      }
    }
    await context.results.sendAll(looks);
    await context.requests.sendAll(requests);
    due += looks.length + requests.length;
  }
  await context.repositories.sendAll(repositories.map(each => ({ ...each, ...mark })));
  return { due, repositories: repositories.length };
}

async function lookAtRepositories(
  context: ReconcileContext,
): Promise<{ repositories: RepositoryMessage[]; names: ReadonlySet<string> }> {
  const repositories: RepositoryMessage[] = [];
  for await (const { name, arn, account } of context.images.repositories()) {
    const repository = { account, region: context.home.region, repository: name };
    if (await isEnrolled(name, arn, context)) repositories.push(repository);
    else if (isAdmitted(context.enrolment, name)) repositories.push({ ...repository, rowsOnly: true });
  }
  for (const { account, name } of repositoriesElsewhere(context.enrolment)) {
    repositories.push({ account, region: context.home.region, repository: name });
  }
  return { repositories, names: new Set(repositories.map(nameIn)) };
}

function nameIn({ account, repository }: Pick<RepositoryMessage, 'account' | 'repository'>): string {
  return `${account}/${repository}`;
}

/**
 * Compares one repository with the register: first its images without a verdict, whose event was lost, then
 * its rows, which may need a judgement or a signature.
 */
export async function reconcileRepository(
  repository: RepositoryMessage,
  context: ReconcileContext,
): Promise<{ readonly done: string; readonly coverage: Coverage }> {
  const elsewhere = whyOtherRegion(repository, context.home);
  if (elsewhere !== undefined) {
    return {
      done: `${plainText(repository.repository, 256)}: skipped: ${elsewhere}`,
      coverage: NO_COVERAGE,
    };
  }
  const found: Found =
    repository.rowsOnly === true
      ? { lost: 0 }
      : await findLost(repository, context).catch((error: unknown) => ({ lost: 0, error }));
  // also if it cannot be listed, as when another account takes the right away: a new policy counts
  const { older, unsigned, deleted, coverage } = await findOutdated(repository, found.listed, context);
  if (found.error !== undefined) throw found.error;
  // last: the brake must not keep anything else from being found
  await context.brake?.countPassed(
    {
      repository: `${repository.account}.${repository.region}/${repository.repository}`,
      images: coverage.passed,
    },
    context.now,
  );
  const { lost } = found;
  return {
    done: `${plainText(repository.repository, 256)}: ${lost} images without a verdict, ${older} judged by an older policy, ${unsigned} not signed, ${deleted} deleted`,
    coverage,
  };
}

/** What ECR lists of a repository. */
interface Listed {
  readonly digests: ReadonlySet<string>;
  /** Whether the queue has room for what can wait. What is left out is found again in an hour. */
  readonly mayAdd: boolean;
}

interface Found {
  readonly lost: number;
  readonly listed?: Listed;
  readonly error?: unknown;
}

async function findLost(repository: RepositoryMessage, context: ReconcileContext): Promise<Found> {
  const mayAdd = (await context.requests.backlog()) < Rates.oldImagesWaiting;
  const digests = new Set<string>();
  let lost = 0;
  for await (const images of inPages(context.images.images(repository), AtOnce.reconcile)) {
    for (const { digest } of images) digests.add(digest);
    const before = context.now.getTime() - Seconds.eventSettled * 1000;
    const known = images.filter(
      ({ tags, pushedAt }) =>
        pushedAt.getTime() <= before && !isAttached(tags) && (mayAdd || !isOld(pushedAt, context.now)),
    );
    const requests = (
      await Promise.all(
        known.map(async ({ digest, pushedAt }) => {
          const row = await context.register.load(imageName({ ...repository, digest } satisfies Image));
          const reason = isOld(pushedAt, context.now) ? 'enrolment' : 'reconcile';
          if (isUnknown(row)) return [requestFor(row.pk, digest, reason, context.now)];
          return isBack(row, context.now) ? [requestFor(row.pk, digest, 'renewal', context.now)] : [];
        }),
      )
    ).flat();
    await context.requests.sendAll(requests);
    lost += requests.length;
  }
  return { lost, listed: { digests, mayAdd } };
}

/**
 * Rows judged by an older policy are judged again from the stored report (rule 4.9, re-evaluation). Rows that
 * passed and are not signed go to the signer: its message was lost, or is a dead letter. A row whose image is
 * not listed any more, and which nobody would look at again, is looked at: the dispatcher records that it is
 * gone.
 */
async function findOutdated(
  repository: RepositoryMessage,
  listed: Listed | undefined,
  context: ReconcileContext,
): Promise<{ older: number; unsigned: number; deleted: number; coverage: Coverage }> {
  const [policy, waivers, pulled] = await Promise.all([
    context.policies.policy(),
    context.policies.waivers(),
    // what is held is looked at if nobody knows
    context.brake?.pulled(context.now).catch(() => undefined),
  ]);
  const revisions = { policy: policy?.revision ?? 0, waivers: waivers?.revision ?? 0 };
  const eventBy = context.now.getTime() - Seconds.eventSettled * 1000;
  let older = 0;
  let unsigned = 0;
  let deleted = 0;
  let coverage = NO_COVERAGE;
  const images = new Map<string, Known>();
  const indexes: FoldedIndex[] = [];
  let archived: Promise<ReadonlySet<string>> | undefined;
  for await (const row of context.register.rowsOf(repository)) {
    const { pk: image, verdict } = row;
    const isListed = listed?.digests.has(imageOf(image).digest) ?? true;
    if (isListed) {
      coverage = withRow(coverage, row, context.now);
    } else if (
      listed?.mayAdd === true &&
      wouldStayForever(row, context.now) &&
      !(await (archived ??= archivedIn(repository, context))).has(imageOf(image).digest)
    ) {
      await context.requests.sendAll([requestFor(image, imageOf(image).digest, 'renewal', context.now)]);
      deleted += 1;
    }
    if (verdict !== undefined) {
      const isCurrent =
        verdict.policyRevision >= revisions.policy && verdict.waiverRevision >= revisions.waivers;
      const isHeld = row.held !== undefined;
      if (row.kind === 'image') {
        images.set(imageOf(image).digest, { outcome: verdict.outcome, isCurrent, isHeld });
      }
      if (row.kind === 'index') {
        indexes.push({
          image,
          outcome: verdict.outcome,
          isCurrent,
          isHeld,
          children: (row.children ?? []).map(({ digest }) => digest),
        });
      }
    }
    if (row.held !== undefined && hasHoldEnded(row.held, pulled, context.now)) {
      await context.results.sendAll([{ version: 1, image }]);
    } else if (policy !== undefined && isJudgedByOlder(row, revisions, context.now)) {
      await context.results.sendAll([{ version: 1, image }]);
      older += 1;
    } else if (
      context.signing !== undefined &&
      verdict !== undefined &&
      isUnsigned(row, context.now) &&
      Date.parse(verdict.evaluatedAt) < eventBy
    ) {
      await context.signing.sendAll([{ version: 1, image, verdictId: verdict.verdictId }]);
      unsigned += 1;
    }
  }
  // an image knows only the last of its indexes, and notifies no other
  await context.results.sendAll(
    indexes.filter(index => isFoldedOtherwise(index, images)).map(({ image }) => ({ version: 1, image })),
  );
  return { older, unsigned, deleted, coverage };
}

/** They are not gone: a new policy judges them again, and they may be restored. */
async function archivedIn(
  repository: RepositoryMessage,
  { images }: ReconcileContext,
): Promise<ReadonlySet<string>> {
  const digests = new Set<string>();
  for await (const digest of images.archived(repository)) digests.add(digest);
  return digests;
}

interface Known {
  readonly outcome: string;
  readonly isCurrent: boolean;
  /** The brake holds its revocation. */
  readonly isHeld: boolean;
}
interface FoldedIndex extends Known {
  readonly image: ImageName;
  readonly children: readonly string[];
}

/**
 * Its images have another outcome by now, or the same one by the active policy and waivers; or the brake
 * holds it, and no longer one of its images.
 */
function isFoldedOtherwise(
  { outcome, isCurrent, isHeld, children }: FoldedIndex,
  images: ReadonlyMap<string, Known>,
): boolean {
  const known = children.map(digest => images.get(digest));
  const isWhole = children.length > 0 && known.every(each => each !== undefined);
  const now = known.some(each => each?.outcome === 'FAIL') ? 'FAIL' : isWhole ? 'PASS' : outcome;
  const mustRevoke = isHeld && known.some(each => each?.outcome === 'FAIL' && !each.isHeld);
  return (
    now !== outcome || mustRevoke || (isWhole && !isCurrent && known.every(each => each?.isCurrent === true))
  );
}

async function* inPages<T>(items: AsyncIterable<T>, size: number): AsyncIterable<T[]> {
  let page: T[] = [];
  for await (const item of items) {
    page.push(item);
    if (page.length < size) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}

/** Older than any event: its repository was not enrolled when it was pushed. */
function isOld(pushedAt: Date, now: Date): boolean {
  return now.getTime() - pushedAt.getTime() > Seconds.pushIsOld * 1000;
}

/** An attachment, by all of its tags: one such tag beside others must not hide an image. */
function isAttached(tags: readonly string[]): boolean {
  return tags.length > 0 && tags.every(tag => ATTACHMENT_TAG.test(tag));
}

async function isEnrolled(
  name: string,
  arn: string,
  { enrolment, images }: ReconcileContext,
): Promise<boolean> {
  return (
    isEnrolledByName(enrolment, name) ||
    (needsTags(enrolment) && isEnrolledByTags(enrolment, name, await images.tags(arn)))
  );
}
