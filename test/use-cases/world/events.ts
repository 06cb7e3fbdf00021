import { imageOf, imageReference, type ImageName } from '../../../src/core/image/image';

/** As Amazon ECR tells of a push. */
export function pushed(image: ImageName, at: Date, tag?: string): object {
  const { account, region, repository, digest } = imageOf(image);
  return {
    source: 'aws.ecr',
    'detail-type': 'ECR Image Action',
    account,
    region,
    time: at.toISOString(),
    detail: {
      'action-type': 'PUSH',
      result: 'SUCCESS',
      'repository-name': repository,
      'image-digest': digest,
      ...(tag !== undefined && { 'image-tag': tag }),
    },
  };
}

/** As CodeBuild tells of an end. */
export function buildEnded(buildId: string): object {
  return {
    source: 'aws.codebuild',
    'detail-type': 'CodeBuild Build State Change',
    detail: { 'build-id': `arn:aws:codebuild:us-east-1:000000000000:build/${buildId}` },
  };
}

export function referenceOf(image: ImageName): string {
  return imageReference(imageOf(image), 'amazonaws.com');
}
