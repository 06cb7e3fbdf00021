import { RepositoryNotFoundException } from '@aws-sdk/client-ecr';
import { didNotHold, held, leftOutHere, notChecked, type Answer } from './numbered';
import { secondRow } from './second-images';
import type { Check } from '../check';
import { overheard } from '../overheard';
import { secondNames } from '../second-app/names';

const CACHED = ['aquasecurity/trivy', 'aquasecurity/trivy-db', 'aquasecurity/trivy-java-db'];

/** The first pulls by tag made the repositories of the cache. */
export async function cacheFilled(check: Check): Promise<Answer> {
  const { aws, cloud } = check;
  const { cache } = secondNames(cloud.mark.id);
  const wanted = cloud.endpoint === undefined ? CACHED : CACHED.slice(1);
  const tags = await Promise.all(
    wanted.map(async upstream => {
      const repositoryName = `${cache}/${upstream}`;
      const { imageDetails = [] } = await aws.ecr
        .describeImages({ repositoryName })
        .catch((error: unknown) => {
          if (error instanceof RepositoryNotFoundException) return { imageDetails: [] };
          throw error;
        });
      return [upstream, imageDetails.flatMap(({ imageTags = [] }) => imageTags)] as const;
    }),
  );
  const empty = tags.filter(([, found]) => found.length === 0).map(([upstream]) => upstream);
  return empty.length === 0
    ? held(`it has ${tags.map(([upstream, found]) => `${upstream}:${found.join(',')}`).join(' and ')}`)
    : didNotHold(`it has no tag of ${empty.join(', ')}`, Object.fromEntries(tags));
}

/** A scan whose databases, and on AWS whose image, come by way of the cache only. */
export async function scannedThroughCache(check: Check): Promise<Answer> {
  const { verdict, lastFailedScan } = await secondRow(check, 'good');
  if (verdict !== undefined) return held(`the scan ended with ${verdict.outcome}`);
  return didNotHold(
    lastFailedScan === undefined
      ? 'no scan ended'
      : `the scan failed with ${lastFailedScan.cause}: ${lastFailedScan.detail}`,
  );
}

/** Whatever ECR says of the cache, and whether a push event is among it. */
export async function eventsOfCache(check: Check): Promise<Answer> {
  const { cache } = secondNames(check.cloud.mark.id);
  const events = (await overheard(check, 'ecr')).filter(event =>
    JSON.stringify(event.detail).includes(`"${cache}/`),
  );
  const types = [
    ...new Set(
      events.map(event => `${event['detail-type']} ${String(event.detail['action-type'] ?? '')}`.trim()),
    ),
  ];
  if (events.length > 0) return held(`${events.length} event(s): ${types.join(', ')}`, events.slice(0, 4));
  return check.cloud.endpoint === undefined
    ? notChecked('no event about the cache was heard')
    : leftOutHere(check, 'events of a pull through the cache that no rule of the check hears');
}
