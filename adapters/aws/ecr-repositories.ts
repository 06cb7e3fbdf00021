import {
  DescribeImagesCommand,
  ECRClient,
  ECRServiceException,
  ImageNotFoundException,
  ListTagsForResourceCommand,
  paginateDescribeImages,
  paginateDescribeRepositories,
  type DescribeImagesCommandInput,
  type ImageDetail,
  type ImageIdentifier,
} from '@aws-sdk/client-ecr';
import type { Repository } from '../../src/core/image/image';

/** The longest page of ECR: a repository may hold 100,000 images. */
const PAGE = 1000;

/** Lists the repositories of this account's registry, their tags and their images. */
export class EcrRepositories {
  constructor(private readonly client = new ECRClient({})) {}

  public async *repositories(): AsyncIterable<{ name: string; arn: string; account: string }> {
    for await (const { repositories } of paginateDescribeRepositories(
      { client: this.client, pageSize: PAGE },
      {},
    )) {
      for (const { repositoryName, repositoryArn, registryId } of repositories ?? []) {
        yield { name: repositoryName!, arn: repositoryArn!, account: registryId! };
      }
    }
  }

  /** A repository that was deleted meanwhile has none. */
  public async tags(repositoryArn: string): Promise<Record<string, string>> {
    const { tags } = await this.client
      .send(new ListTagsForResourceCommand({ resourceArn: repositoryArn }))
      .catch((error: unknown) => {
        if (isGone(error)) return { tags: [] };
        throw error;
      });
    return Object.fromEntries((tags ?? []).map(({ Key, Value }) => [Key!, Value ?? '']));
  }

  /** When the image of a tag or digest was pushed; undefined where there is none. */
  public async pushedAt(repositoryName: string, imageId: ImageIdentifier): Promise<Date | undefined> {
    return (await this.describe({ repositoryName, imageIds: [imageId] }))?.imagePushedAt;
  }

  /** The digest that a tag names now, without a pull; undefined where there is none. */
  public async digestOf(
    { account, repository }: Pick<Repository, 'account' | 'repository'>,
    imageTag: string,
  ): Promise<string | undefined> {
    const named = { registryId: account, repositoryName: repository, imageIds: [{ imageTag }] };
    return (await this.describe(named))?.imageDigest;
  }

  private async describe(image: DescribeImagesCommandInput): Promise<ImageDetail | undefined> {
    try {
      return (await this.client.send(new DescribeImagesCommand(image))).imageDetails?.[0];
    } catch (error) {
      if (isGone(error) || error instanceof ImageNotFoundException) return undefined;
      throw error;
    }
  }

  /** Digests of images that nobody can pull until they are restored. `images` does not list them. */
  public async *archived({
    account,
    repository,
  }: {
    readonly account?: string;
    readonly repository: string;
  }): AsyncIterable<string> {
    try {
      for await (const { imageDetails } of paginateDescribeImages(
        { client: this.client, pageSize: PAGE },
        { registryId: account, repositoryName: repository, filter: { imageStatus: 'ARCHIVED' } },
      )) {
        for (const { imageDigest } of imageDetails ?? []) yield imageDigest!;
      }
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }

  /** A repository that was deleted after it was listed has none. */
  public async *images({
    account,
    repository,
  }: {
    readonly account?: string;
    readonly repository: string;
  }): AsyncIterable<{ digest: string; tags: string[]; pushedAt: Date }> {
    try {
      for await (const { imageDetails } of paginateDescribeImages(
        { client: this.client, pageSize: PAGE },
        { registryId: account, repositoryName: repository },
      )) {
        for (const { imageDigest, imageTags, imagePushedAt } of imageDetails ?? []) {
          yield { digest: imageDigest!, tags: imageTags ?? [], pushedAt: imagePushedAt ?? new Date(0) };
        }
      }
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }
}

function isGone(error: unknown): boolean {
  return error instanceof ECRServiceException && error.name === 'RepositoryNotFoundException';
}
