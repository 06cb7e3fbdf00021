import type { AwsClients } from '../aws-clients';

/** A container of a revision, as `DescribeServiceRevisions` shows it. */
export interface ContainerImage {
  readonly containerName: string;
  readonly image: string;
  readonly imageDigest?: string;
}

const IN_ECR =
  /^\d{12}\.dkr\.ecr\.[^/]+\/(?<repositoryName>[^:@]+)(?::(?<imageTag>[^@]+))?(?:@(?<imageDigest>sha256:[0-9a-f]{64}))?$/;

/** The images of a task definition. Only those that name a digest have one. */
export async function namedImages(
  taskDefinition: string,
  { ecs }: Pick<AwsClients, 'ecs'>,
): Promise<ContainerImage[]> {
  const { taskDefinition: found } = await ecs.describeTaskDefinition({ taskDefinition });
  return (found?.containerDefinitions ?? []).map(({ name, image }) => {
    const imageDigest = IN_ECR.exec(image!)?.groups?.imageDigest;
    return { containerName: name!, image: image!, ...(imageDigest !== undefined && { imageDigest }) };
  });
}

/**
 * The same, with the digests that their tags have now. Tags of other registries than the account's own are
 * not resolved.
 */
export async function resolvedImages(
  taskDefinition: string,
  aws: Pick<AwsClients, 'ecs' | 'ecr'>,
): Promise<ContainerImage[]> {
  const named = await namedImages(taskDefinition, aws);
  return Promise.all(named.map(async each => ({ ...each, ...(await digestOf(each.image, aws.ecr)) })));
}

async function digestOf(image: string, ecr: AwsClients['ecr']): Promise<{ imageDigest?: string }> {
  const named = IN_ECR.exec(image)?.groups;
  if (named === undefined) return {};
  const { repositoryName, imageTag = 'latest', imageDigest } = named;
  if (imageDigest !== undefined) return { imageDigest };
  const { imageDetails: [found] = [] } = await ecr
    .describeImages({ repositoryName, imageIds: [{ imageTag }] })
    .catch(() => ({ imageDetails: [] }));
  return found?.imageDigest === undefined ? {} : { imageDigest: found.imageDigest };
}
