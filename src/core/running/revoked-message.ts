import type { AlertMessage } from '../alerts/message';
import type { RunningPlace } from '../events/revocation-events';
import { imageOf, type ImageName } from '../image/image';
import { nameText, plainText, subjectText } from '../text/plain-text';

const LISTED = 20;
const KINDS = { ECS_SERVICE: 'service', ECS_TASK: 'task', LAMBDA_FUNCTION: 'function' } as const;
const BY = {
  REPORTED: '',
  NAMED: ' (its definition names the digest)',
  TAG: ' (perhaps: it names only a tag of the repository)',
} as const;

/** The alert about a revoked image that still runs, or of which that is not known. Undefined: it does not. */
export function revokedRunningMessage(
  image: ImageName,
  worst: readonly string[],
  places: readonly RunningPlace[],
  unknown: readonly string[],
): AlertMessage | undefined {
  const { account, region, repository, digest } = imageOf(image);
  const placeCount = places.length;
  if (placeCount === 0 && unknown.length === 0) return undefined;
  const where =
    placeCount === 0
      ? 'not known where it runs'
      : `runs in ${placeCount} place${placeCount === 1 ? '' : 's'}`;
  const title = plainText(`revoked, ${where}: ${repository}@${digest.slice(0, 19)}`, 200);
  const rest = placeCount - Math.min(LISTED, placeCount);
  return {
    subject: subjectText(title),
    title,
    lines: [
      `image: ${image}`,
      'it was trusted, and a later verdict refused it: gates refuse it, and what runs already goes on',
      ...worst.map(each => `- ${nameText(each, 300)}`),
      ...places.slice(0, LISTED).map(line),
      ...(rest > 0 ? [`and ${rest} more`] : []),
      ...unknown.slice(0, LISTED).map(each => `not looked up: ${each}`),
      `looked at: Amazon ECS and AWS Lambda in ${account}.${region}, and nothing else`,
    ],
    nextSteps: [
      'deploy a digest that is trusted in each place that is named, or stop what runs there',
      ...(unknown.length > 0 ? ['fix what kept the lookup back, and look there yourself'] : []),
    ],
  };
}

function line({ kind, arn, by }: RunningPlace): string {
  return `runs in: ${KINDS[kind]} ${arn}${BY[by]}`;
}
