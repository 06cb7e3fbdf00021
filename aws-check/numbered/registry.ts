import { setTimeout as sleep } from 'node:timers/promises';
import { cacheFilled, scannedThroughCache } from './caches';
import { didNotHold, held, isAllowed, isDenied, notChecked, type Answer, type Numbered } from './numbered';
import { imageOf, rowOf } from './scans';
import { clientsAs } from '../../local/cloud/assume-role';
import { patienceWith } from '../../local/cloud/patience';
import { readScanRequest } from '../../src/core/scanning/scan-request';
import type { Check } from '../check';
import { QUICKSTART_REPOSITORY } from '../names';
import { overheard, type Overheard } from '../overheard';
import { repositoryOf } from '../pushes';
import { resourceOf } from '../stacks';

const PUSH = 'ECR Image Action';

export const REGISTRY: readonly Numbered[] = [
  {
    number: 31,
    title: 'A pull-through cache',
    parts: [
      {
        what: 'the first pulls by tag make the repositories of the cache',
        withSecondApp: cacheFilled,
      },
      {
        what: "Trivy's databases, and the image of builds, are pulled through it",
        withSecondApp: scannedThroughCache,
      },
      {
        what: 'its refresh after 24 hours, and what a throttled upstream answers',
        cannot: 'a refresh takes longer than the check, and nobody can make the public registry throttle',
      },
    ],
  },
  {
    number: 32,
    title: 'Pulls that do not count',
    parts: [
      { what: '`lastRecordedPullTime` stays as it is after a scan', run: neverPulled },
      {
        what: 'CloudFormation deletes an exclusion together with its role',
        cannot: 'the check says at its end what could not be removed',
      },
    ],
  },
  {
    number: 4,
    title: "The shape of ECR's event",
    parts: [
      { what: 'a push by tag', run: check => eventOf(check, 'by tag') },
      { what: 'a push by digest: the tag is absent or empty', run: check => eventOf(check, 'by digest') },
      { what: 'an index: one event for each of its images, and one for itself', run: eventsOfIndex },
      { what: 'a manifest with `subject`', run: eventOfReferrer },
    ],
  },
  {
    number: 11,
    title: 'Lifecycle rules of ECR',
    parts: [
      { what: '`maxImageCount` 100000 is accepted', run: lifecyclePolicy },
      {
        what: 'a rule for images without a tag leaves the children of an index alone',
        run: check => previewOf(check, 'children'),
      },
    ],
  },
  {
    number: 21,
    title: 'ECR accepts the bytes',
    parts: [
      { what: 'the signer pushed signature and bundle', run: signed },
      { what: '`ListImageReferrers` finds the bundle', run: referrers },
    ],
  },
  {
    number: 22,
    title: 'cosign against real ECR and KMS',
    parts: [{ what: 'cosign verifies', suite: 'cosign' }],
  },
  {
    number: 27,
    title: 'Lifecycle rules for images without a tag',
    parts: [
      {
        what: 'such a rule leaves bundles alone, which have no tag',
        run: check => previewOf(check, 'referrers'),
      },
    ],
  },
  {
    number: 28,
    title: 'The list of repositories',
    parts: [
      {
        what: 'the reconciler may list repositories',
        run: async check => {
          const { ecr } = await asReconciler(check);
          return isAllowed('ecr:DescribeRepositories by the reconciler', () => ecr.describeRepositories({}));
        },
      },
      {
        what: 'and no more',
        run: async check => {
          const { ecr } = await asReconciler(check);
          const repositoryName = repositoryOf(check);
          return isDenied('ecr:BatchDeleteImage by the reconciler', () =>
            ecr.batchDeleteImage({ repositoryName, imageIds: [{ imageTag: 'x' }] }),
          );
        },
      },
    ],
  },
];

async function asReconciler(check: Check) {
  const role = await resourceOf(check, 'AWS::IAM::Role', 'TrustScannerReconcilerRole');
  return clientsAs(check.cloud, check.aws, role);
}

async function pushesOf(check: Check): Promise<Overheard[]> {
  const heard = await overheard(check, 'ecr');
  return heard.filter(
    event => event['detail-type'] === PUSH && event.detail['repository-name'] === repositoryOf(check),
  );
}

/** Nobody but builds, dispatcher and signer pulls what the check pushed by tag. */
async function neverPulled(check: Check): Promise<Answer> {
  const { repository: repositoryName, digest: imageDigest } = imageOf(check, 'by tag');
  const answer = await check.aws.ecr.describeImages({ repositoryName, imageIds: [{ imageDigest }] });
  const { lastRecordedPullTime } = answer.imageDetails?.[0] ?? {};
  return lastRecordedPullTime === undefined
    ? held('an image that was scanned was never pulled, as ECR records it')
    : didNotHold(`ECR records a pull at ${lastRecordedPullTime.toISOString()}`);
}

async function eventOf(check: Check, kind: string): Promise<Answer> {
  const { digest } = imageOf(check, kind);
  const events = (await pushesOf(check)).filter(({ detail }) => detail['image-digest'] === digest);
  if (events.length === 0) return didNotHold('no event was heard');
  const read = readScanRequest(events[0]);
  return read.ok && read.value !== undefined
    ? held(
        `${events.length} event(s), with the tag ${JSON.stringify(events[0]!.detail['image-tag'])}`,
        events[0],
      )
    : didNotHold(read.ok ? 'the event is taken for one of no image' : read.error, events[0]);
}

async function eventsOfIndex(check: Check): Promise<Answer> {
  const { digest } = imageOf(check, 'index');
  const { children = [] } = await rowOf(check, 'index');
  const heard = new Set((await pushesOf(check)).map(({ detail }) => detail['image-digest']));
  const wanted = [digest, ...children.map(child => child.digest)];
  const missing = wanted.filter(each => !heard.has(each));
  if (children.length === 0) return notChecked('the register has no children of the index');
  return missing.length === 0
    ? held(`${wanted.length} events for an index of ${children.length}`)
    : didNotHold(`${missing.length} of ${wanted.length} manifests had no event`, { missing });
}

async function eventOfReferrer(check: Check): Promise<Answer> {
  const known = ['by tag', 'by digest', 'index'].map(kind => imageOf(check, kind).digest);
  const { children = [] } = await rowOf(check, 'index');
  const ours = new Set([...known, ...children.map(({ digest }) => digest)]);
  const events = (await pushesOf(check)).filter(({ detail }) => !ours.has(String(detail['image-digest'])));
  return events.length === 0
    ? notChecked('no event of a signature was heard: either there is none, or nothing was signed')
    : held(`${events.length} event(s) of signatures and bundles`, events.slice(0, 4));
}

async function lifecyclePolicy({ aws }: Check): Promise<Answer> {
  try {
    const { lifecyclePolicyText = '' } = await aws.ecr.getLifecyclePolicy({
      repositoryName: QUICKSTART_REPOSITORY,
    });
    return held('the repository of the quickstart has its policy', JSON.parse(lifecyclePolicyText));
  } catch (error) {
    return (error as Error).name === 'LifecyclePolicyNotFoundException'
      ? notChecked('the repository of the quickstart has no lifecycle policy')
      : Promise.reject(error as Error);
  }
}

/** Which images ECR would expire if at most one without a tag could stay. Nothing is expired. */
async function previewOf(check: Check, kind: 'children' | 'referrers'): Promise<Answer> {
  const { ecr } = check.aws;
  const repositoryName = repositoryOf(check);
  const rule = {
    rulePriority: 1,
    selection: { tagStatus: 'untagged', countType: 'imageCountMoreThan', countNumber: 1 },
    action: { type: 'expire' },
  };
  const { children = [] } = await rowOf(check, 'index');
  const { anything, lookEvery } = patienceWith(check.cloud);
  try {
    await ecr.startLifecyclePolicyPreview({
      repositoryName,
      lifecyclePolicyText: JSON.stringify({ rules: [rule] }),
    });
    for (const end = Date.now() + anything; Date.now() < end; await sleep(Math.max(lookEvery, 200))) {
      const { status, previewResults = [] } = await ecr.getLifecyclePolicyPreview({ repositoryName });
      if (status === 'IN_PROGRESS') continue;
      const expired = previewResults.map(({ imageDigest }) => imageDigest!);
      const ofIndex = children.filter(({ digest }) => expired.includes(digest)).map(({ digest }) => digest);
      const images = [imageOf(check, 'by digest').digest, ...children.map(({ digest }) => digest)];
      const others = expired.filter(digest => !images.includes(digest));
      const found = kind === 'children' ? ofIndex : others;
      const raw = { status, expired: previewResults };
      return found.length === 0
        ? held(`${expired.length} would be expired, none of them ${kind}`, raw)
        : didNotHold(`${found.length} ${kind} would be expired`, raw);
    }
    return notChecked('the preview did not end');
  } catch (error) {
    return notChecked(`the preview was refused with ${(error as Error).name}: ${(error as Error).message}`);
  }
}

async function signed(check: Check): Promise<Answer> {
  const { signature, statement } = await rowOf(check, 'by tag');
  return signature !== undefined && statement !== undefined
    ? held('the register has statement and signature')
    : didNotHold(`statement: ${statement !== undefined}, signature: ${signature !== undefined}`);
}

async function referrers(check: Check): Promise<Answer> {
  const { digest } = imageOf(check, 'by tag');
  const answer = await check.aws.ecr.listImageReferrers({
    repositoryName: repositoryOf(check),
    subjectId: { imageDigest: digest },
  });
  return (answer.referrers ?? []).length > 0
    ? held(`${answer.referrers!.length} referrer(s)`, answer.referrers)
    : didNotHold('it lists none', answer);
}
