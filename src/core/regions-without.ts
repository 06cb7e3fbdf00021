/*
 * Written by `npx tsx local/tools/regions-without.ts` and `npm run format`, from AWS's schemas.
 * A type that is not in them may be there all the same: they are late for new regions.
 */

export const REGIONS_AS_OF = '2026-11-30';

/** Regions without a type of CloudFormation. */
export const REGIONS_WITHOUT = {
  /** `AWS::CodeBuild::Project` */
  codeBuild: ['ap-east-2', 'ca-west-1', 'mx-central-1'],
  /** `AWS::Lambda::Url` */
  functionUrls: [
    'ap-east-2',
    'ap-south-2',
    'ap-southeast-4',
    'ap-southeast-5',
    'ap-southeast-6',
    'ap-southeast-7',
    'ca-west-1',
    'cn-northwest-1',
    'eu-central-2',
    'il-central-1',
    'me-central-1',
    'mx-central-1',
    'us-gov-east-1',
    'us-gov-west-1',
  ],
  /** `AWS::CloudFormation::LambdaHook` */
  lambdaHooks: ['cn-north-1', 'cn-northwest-1', 'us-gov-east-1', 'us-gov-west-1'],
} as const;
