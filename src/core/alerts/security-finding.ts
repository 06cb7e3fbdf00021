import * as z from 'zod';
import { heldImageMessage, holdEndedMessage } from './brake-message';
import { grantMessage } from './grant-message';
import { GrantDetailType, type GrantEvent } from '../events/grant-events';
import { HoldDetailType } from '../events/hold-events';
import { DetailType, type ImageRevocationHeldDetail } from '../events/image-events';
import { readEvent } from '../events/our-events';
import { RevocationDetailType, type RevokedLocatedDetail } from '../events/revocation-events';
import { ImageName, imageOf, type Place } from '../image/image';
import { plainText } from '../text/plain-text';
import { sha256Of } from '../text/sha256';
import { EVERY_IMAGE } from '../trust/grant';

/** Where findings go: the account's own product in Security Hub. */
export interface SecurityHubPlace extends Place {
  readonly partition: string;
}

/**
 * What AWS Security Hub takes, in UTF-16 code units and entries.
 *
 * @see https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings-format.html
 */
export const AsffLimit = {
  title: 256,
  description: 1024,
  id: 512,
  recommendation: 512,
  resources: 32,
  productFields: 50,
  productFieldKey: 128,
  productFieldValue: 2048,
} as const;

interface Resource {
  readonly Type: 'AwsEcrContainerImage' | 'Other';
  readonly Id: string;
  readonly Region: string;
}

/** One finding in the AWS Security Finding Format. */
export interface SecurityFinding {
  readonly SchemaVersion: '2018-10-08';
  readonly Id: string;
  readonly ProductArn: string;
  readonly GeneratorId: string;
  readonly AwsAccountId: string;
  readonly Types: readonly string[];
  readonly CreatedAt: string;
  readonly UpdatedAt: string;
  readonly Severity: { readonly Label: 'HIGH' | 'CRITICAL' };
  readonly Title: string;
  readonly Description: string;
  readonly Remediation: { readonly Recommendation: { readonly Text: string } };
  readonly Resources: readonly Resource[];
  readonly ProductFields: Readonly<Record<string, string>>;
  readonly RecordState: 'ACTIVE' | 'ARCHIVED';
}

/** What differs between findings. */
interface News {
  /** What it is about: the same news twice is one finding. */
  readonly id: string;
  readonly type: 'grant' | 'use' | 'brake' | 'revocation';
  readonly severity: SecurityFinding['Severity']['Label'];
  readonly title: string;
  readonly lines: readonly string[];
  readonly nextSteps: readonly string[];
  /** Images by name, anything else by its ARN or as it is called. */
  readonly about: readonly string[];
  readonly fields: Readonly<Record<string, string>>;
  readonly from: string;
  readonly at: string;
  readonly isOver?: true;
}

const TYPES = {
  grant: 'Unusual Behaviors/User',
  use: 'Unusual Behaviors/Container',
  brake: 'Software and Configuration Checks/Vulnerabilities',
  revocation: 'Software and Configuration Checks/Vulnerabilities',
} as const;

const Timed = z.object({ time: z.iso.datetime() });

/**
 * The finding about an event of ours, or undefined if there is nothing to report. `UpdatedAt` is the time of
 * what happened, as the event says it: Security Hub ignores an import that is not newer than the finding, so
 * a late or repeated event opens no finding again.
 */
export function securityFinding(body: unknown, place: SecurityHubPlace): SecurityFinding | undefined {
  const news = newsOf(body);
  return news === undefined ? undefined : findingOf(news, place);
}

function newsOf(body: unknown): News | undefined {
  const read = readEvent(body);
  if (!read.ok) return undefined;
  const event = read.value;
  switch (event.detailType) {
    case GrantDetailType.granted:
    case GrantDetailType.used:
    case GrantDetailType.ended:
      return ofGrant(event);
    // each image that is held is a finding, which the end of its hold archives: a release, a PASS or time
    case DetailType.held: {
      const { evaluatedAt: at } = event.detail;
      return { ...holdOf(event.detail), ...heldImageMessage(event.detail), from: at, at };
    }
    case HoldDetailType.ended: {
      const { heldSince: from, endedAt: at } = event.detail;
      return { ...holdOf(event.detail), ...holdEndedMessage(event.detail), from, at, isOver: true };
    }
    case RevocationDetailType.located: {
      const { data } = Timed.safeParse(body);
      return data && ofPlaces(data.time, event.detail);
    }
    default:
      return undefined;
  }
}

function holdOf({
  image,
  verdictId,
  pulledAt,
}: Pick<ImageRevocationHeldDetail, 'image' | 'verdictId' | 'pulledAt'>): Pick<
  News,
  'id' | 'type' | 'severity' | 'about' | 'fields'
> {
  return {
    id: `held/${verdictId}/${sha256Of(image).slice(0, 16)}`,
    type: 'brake',
    severity: 'HIGH',
    about: [image],
    fields: { verdictId, pulledAt },
  };
}

/** The finding of a grant is archived by its end. Each use is a finding of its own. */
function ofGrant(event: GrantEvent): News {
  const { detailType, detail } = event;
  const { grantId, granted, scope, grantedBy, grantedAt, expiresAt, ticket } = detail;
  const isUse = detailType === GrantDetailType.used;
  const isEnd = detailType === GrantDetailType.ended;
  const used = isUse ? sha256Of(`${detail.image}|${detail.runner}|${detail.usedAt}`).slice(0, 32) : '';
  return {
    ...grantMessage(event),
    id: `break-glass/${grantId}${isUse ? `/use/${used}` : ''}`,
    type: isUse ? 'use' : 'grant',
    severity: granted === EVERY_IMAGE ? 'CRITICAL' : 'HIGH',
    about: isUse ? [detail.image, detail.runner] : [...(granted === EVERY_IMAGE ? [] : [granted]), scope],
    fields: { grantId, granted, scope, grantedBy, ticket, expiresAt },
    from: isUse ? detail.usedAt : grantedAt,
    at: isUse ? detail.usedAt : isEnd ? detail.endedAt : grantedAt,
    ...(isEnd && { isOver: true }),
  };
}

/** Where a revoked image runs. Where it runs nowhere, and all was looked up, there is nothing to do. */
function ofPlaces(time: string, detail: z.infer<typeof RevokedLocatedDetail>): News | undefined {
  const { image, repository, digest, verdictId, places, placeCount, unknown, unknownCount } = detail;
  if (placeCount === 0 && unknownCount === 0) return undefined;
  const where = placeCount === 0 ? 'it is not known where it runs' : `it runs in ${placeCount} places`;
  return {
    id: `revoked/${verdictId}/${sha256Of(image).slice(0, 16)}`,
    type: 'revocation',
    severity: 'HIGH',
    title: `an image was revoked, and ${where}: ${repository}@${digest.slice(0, 19)}`,
    lines: [
      `image: ${image}`,
      'gates refuse it, and what runs already goes on',
      ...places.map(({ arn }) => `runs in: ${arn}`),
      ...unknown.map(each => `not looked up: ${each}`),
    ],
    nextSteps: ['deploy a digest that is trusted in each place that is named, or stop what runs there'],
    about: [image, ...places.map(({ arn }) => arn)],
    fields: { verdictId, places: String(placeCount), unknown: String(unknownCount) },
    from: time,
    at: time,
  };
}

function findingOf(news: News, place: SecurityHubPlace): SecurityFinding {
  const { partition, account, region } = place;
  const product = `arn:${partition}:securityhub:${region}:${account}:product/${account}/default`;
  const id = `trusted-images/${account}/${region}/${news.id}`;
  return {
    SchemaVersion: '2018-10-08',
    Id: plainText(id, AsffLimit.id),
    ProductArn: product,
    GeneratorId: `trusted-images/${news.type}`,
    AwsAccountId: account,
    Types: [TYPES[news.type]],
    CreatedAt: news.from,
    UpdatedAt: news.at,
    Severity: { Label: news.severity },
    Title: plainText(news.title, AsffLimit.title),
    Description: plainText(news.lines.map(line => plainText(line, 600)).join('; '), AsffLimit.description),
    Remediation: {
      Recommendation: { Text: plainText(news.nextSteps.join('; '), AsffLimit.recommendation) },
    },
    Resources: [...new Set(news.about)].slice(0, AsffLimit.resources).map(about => resourceOf(about, place)),
    ProductFields: Object.fromEntries(
      Object.entries(news.fields).map(([name, value]) => [
        `trusted-images/${name}`,
        plainText(value, AsffLimit.productFieldValue),
      ]),
    ),
    RecordState: news.isOver === true ? 'ARCHIVED' : 'ACTIVE',
  };
}

function resourceOf(about: string, { partition, region }: SecurityHubPlace): Resource {
  const image = ImageName.safeParse(about);
  if (!image.success) return { Type: 'Other', Id: plainText(about, AsffLimit.id), Region: region };
  const { account, region: of, repository, digest } = imageOf(image.data);
  const Id = `arn:${partition}:ecr:${of}:${account}:repository/${repository}/${digest}`;
  return { Type: 'AwsEcrContainerImage', Id, Region: of };
}
