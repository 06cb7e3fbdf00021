import { NEEDED } from '../../local/tools/regions-without';
import { REGIONS_WITHOUT } from '../../src/core/regions-without';

/** What AWS's data says and is not so, or is meant to be so. */
export interface Known {
  /** All that the judge prints about it. */
  readonly mistake: RegExp;
  readonly why: string;
}

/** Of the judge of policies. */
export const KNOWN_OF_POLICIES: readonly Known[] = [
  {
    mistake: /^RESOURCE_MISMATCH .*"s3:ListAccessGrants"/,
    why: "grants of the CDK's buckets say s3:List*, which has actions of other things than buckets as well: they are of no use there, and the resource allows none of them",
  },
  {
    mistake:
      /^UNKNOWN_CONDITION_FOR_ACTION Unknown condition kms:Key(?:Spec|Usage) for action kms:(?:DescribeKey|GetPublicKey)$/,
    why: 'the reference lists both keys with CreateKey only, and the guide of AWS KMS with all operations on keys: https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-key-spec',
  },
];

/** Of the judge of events. */
export const KNOWN_OF_EVENTS: readonly Known[] = [
  {
    mistake: /^CodeBuild Build State Change: detail\.additional-information\.build-number is no field/,
    why: 'the schema is made of samples without it; the record of a build has the number, and nothing of this library reads it in an event',
  },
  {
    mistake: /^ECR Pull Through Cache Action: detail\.rule-version is no field/,
    why: "the example in ECR's guide has it: https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-eventbridge.html",
  },
  {
    mistake: /^ECS Task State Change: detail\.attachments\[\]\.details is list, AWS has: object/,
    why: "it is a list in the examples of Amazon ECS's guide, each with a name and a value: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html",
  },
];

/** A region in which a type of the library's resources does not exist. */
export interface Excluded {
  readonly type: string;
  readonly regions: readonly string[];
  readonly why: string;
}

type Part = keyof typeof REGIONS_WITHOUT;

const WHY: Readonly<Record<Part, string>> = {
  codeBuild: 'AWS CodeBuild, which scans, is not there',
  functionUrls: 'EmergencyAccess.NONE leaves them out; other partitions are refused at synthesis',
  lambdaHooks: 'other partitions are refused at synthesis',
};

/** Where no stack of this library is deployed, or one without this type. */
export const EXCLUDED: readonly Excluded[] = (Object.keys(WHY) as Part[]).map(part => ({
  type: NEEDED[part],
  regions: REGIONS_WITHOUT[part],
  why: WHY[part],
}));

/** What is left when all that is known is taken away, and what is known and was not found. */
export function unexpected(mistakes: readonly string[], known: readonly Known[]): string[] {
  return [
    ...mistakes.filter(each => !known.some(({ mistake }) => mistake.test(each))),
    ...known
      .filter(({ mistake }) => !mistakes.some(each => mistake.test(each)))
      .map(({ mistake }) => `known, and not found any more: ${mistake.source}`),
  ];
}

/** The same for regions. */
export function unexpectedRegions(
  lacking: Readonly<Record<string, readonly string[]>>,
  excluded: readonly Excluded[],
): string[] {
  const found = Object.entries(lacking).flatMap(([region, types]) =>
    types.map(type => `${region} lacks ${type}`),
  );
  const known = excluded.flatMap(({ type, regions }) => regions.map(region => `${region} lacks ${type}`));
  return [
    ...found.filter(each => !known.includes(each)),
    ...known.filter(each => !found.includes(each)).map(each => `known, and not found any more: ${each}`),
  ];
}
