import type { AwsClients } from '../aws-clients';

/** A container of a revision, as `DescribeServiceRevisions` shows it. */
export interface ContainerImage {
  readonly containerName: string;
  readonly image: string;
  readonly imageDigest?: string;
}

const IN_ECR =
  /^\d{12}\.dkr\.ecr\.[^/]+\/(?<repositoryName>[^:@]+)(?::(?<imageTag>[^@]+))?(?:@(?<imageDigest>sha256:[0-9a-f]{64}))?$/;

/**
 * The images of a task definition, with the digests that their tags have now. Tags of other registries than
 * the account's own are not resolved.
 */
export async function resolvedImages(
  taskDefinition: string,
  { ecs, ecr }: Pick<AwsClients, 'ecs' | 'ecr'>,
): Promise<ContainerImage[]> {
  const { taskDefinition: found } = await ecs.describeTaskDefinition({ taskDefinition });
  return Promise.all(
    (found?.containerDefinitions ?? []).map(async ({ name, image }) => ({
      containerName: name!,
      image: image!,
      ...(await digestOf(image!, ecr)),
    })),
  );
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
