import {
  DescribeImagesRequest,
  DescribeImagesResponse,
  DescribeRepositoriesRequest,
  ECRServiceException,
  ImageIdentifier,
} from '@aws-sdk/client-ecr';
import { Archive } from './archive';
import { PullTimes } from './pull-times';
import { AwsClients } from '../aws-clients';
import { Answer, errorAnswer, jsonAnswer, parseJson } from '../gateway/answer';
import { Call } from '../gateway/call';
import { mayAfterAll } from '../rights';

export interface Place {
  readonly account: string;
  readonly region: string;
  readonly aws: AwsClients;
}

/**
 * MiniStack omits missing images, while ECR reports them. The CDK reads the omission as an image that was
 * pushed before. Nor does it know when an image was pulled, or what is archived.
 */
export async function describeImages(
  call: Call,
  { account, pullTimes, archive }: { account: string; pullTimes: PullTimes; archive: Archive },
): Promise<Answer> {
  const answer = await call.forward();
  if (answer.status !== 200) return answer;
  const { repositoryName, imageIds, filter } = await call.json<DescribeImagesRequest>();
  const { imageDetails = [] } = parseJson<DescribeImagesResponse>(answer);
  const isThere = ({ imageDigest, imageTag }: ImageIdentifier) =>
    imageDetails.some(
      image =>
        (imageDigest === undefined || imageDigest === image.imageDigest) &&
        (imageTag === undefined || image.imageTags?.includes(imageTag)),
    );
  const missing = imageIds?.find(id => !isThere(id));
  if (missing === undefined) {
    return jsonAnswer(200, {
      ...parseJson<DescribeImagesResponse>(answer),
      imageDetails: imageDetails
        .map(image => ({
          ...image,
          ...archive.of(repositoryName!, image.imageDigest!),
          lastRecordedPullTime: pullTimes.last(repositoryName!, image.imageDigest!),
        }))
        .filter(image => isAsked(image.imageStatus, filter?.imageStatus)),
    });
  }
  const { imageDigest = 'null', imageTag = 'null' } = missing;
  return errorAnswer(
    'ImageNotFoundException',
    `The image with imageId {imageDigest:'${imageDigest}', imageTag:'${imageTag}'} does not exist ` +
      `within the repository with name '${repositoryName}' in the registry with id '${account}'`,
  );
}

/** Without a filter, the active ones. */
export function isAsked(status = 'ACTIVE', filter = 'ACTIVE'): boolean {
  return filter === 'ANY' || filter === status;
}

/**
 * MiniStack does not look into the names, and so asks for the right on `*`. AWS asks for it on each
 * repository, or on all of them where none is named.
 */
export async function describeRepositories(call: Call, { account, region, aws }: Place): Promise<Answer> {
  const answer = await call.forward();
  if (answer.status === 200) return answer;
  const request = await call.json<DescribeRepositoriesRequest>();
  const arns = (request.repositoryNames ?? ['*']).map(
    name => `arn:aws:ecr:${region}:${account}:repository/${name}`,
  );
  if (!(await mayAfterAll(answer, arns, aws))) return answer;
  try {
    const { repositories = [], nextToken } = await aws.ecr.describeRepositories(request);
    return jsonAnswer(200, {
      nextToken,
      repositories: repositories.map(each => ({ ...each, createdAt: each.createdAt!.getTime() / 1000 })),
    });
  } catch (error) {
    if (error instanceof ECRServiceException) return errorAnswer(error.name, error.message);
    throw error;
  }
}
