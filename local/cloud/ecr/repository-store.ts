import { Image, ImageDetail, RepositoryNotFoundException } from '@aws-sdk/client-ecr';
import { Place } from '../accounts/places';
import { AwsClients } from '../aws-clients';
import { Answer } from '../gateway/answer';
import { Upstream } from '../gateway/upstream';
import { matchesWildcard } from '../glob';
import { templateProperties } from '../template-properties';

/**
 * What MiniStack's registry of an account and region holds. All state of ECR stays there; nothing is kept in
 * the gateway.
 */
export class RepositoryStore {
  /** By which MiniStack tells registries apart. */
  public readonly host: string;

  constructor(
    private readonly aws: AwsClients,
    private readonly upstream: Upstream,
    { account, region }: Place,
  ) {
    this.host = `${account}.dkr.ecr.${region}.amazonaws.com`;
  }

  public v2(
    method: string,
    path: string,
    body?: Buffer,
    contentType = 'application/octet-stream',
  ): Promise<Answer> {
    return this.upstream.send(method, `/v2/${path}`, body, { host: this.host, 'content-type': contentType });
  }

  /** The size of a blob; undefined if the repository has none of this digest. */
  public async blobSize(repository: string, digest: string): Promise<number | undefined> {
    const { status, headers } = await this.v2('HEAD', `${repository}/blobs/${digest}`);
    return status === 200 ? Number(headers['content-length']) : undefined;
  }

  public async has(repositoryName: string): Promise<boolean> {
    try {
      await this.aws.ecr.describeRepositories({ repositoryNames: [repositoryName] });
      return true;
    } catch (error) {
      if (error instanceof RepositoryNotFoundException) return false;
      throw error;
    }
  }

  public async images(repositoryName: string): Promise<ImageDetail[]> {
    return (await this.aws.ecr.describeImages({ repositoryName })).imageDetails ?? [];
  }

  public async manifests(repositoryName: string): Promise<Image[]> {
    const imageIds = (await this.images(repositoryName)).map(({ imageDigest }) => ({ imageDigest }));
    if (imageIds.length === 0) return [];
    return (await this.aws.ecr.batchGetImage({ repositoryName, imageIds })).images ?? [];
  }

  /**
   * Whether a tag may not be moved to another digest. Exclusion filters are read from the template: MiniStack
   * drops them.
   */
  public async isLocked(repositoryName: string, tag: string, digest: string): Promise<boolean> {
    const holder = (await this.images(repositoryName)).find(image => image.imageTags?.includes(tag));
    if (holder === undefined || holder.imageDigest === digest) return false;
    const { repositories = [] } = await this.aws.ecr.describeRepositories({
      repositoryNames: [repositoryName],
    });
    const mode = repositories[0]?.imageTagMutability ?? 'MUTABLE';
    if (!mode.endsWith('_WITH_EXCLUSION')) return mode === 'IMMUTABLE';
    const { ImageTagMutabilityExclusionFilters: filters = [] } = (await templateProperties(
      this.aws,
      'AWS::ECR::Repository',
      repositoryName,
    )) as {
      ImageTagMutabilityExclusionFilters?: { ImageTagMutabilityExclusionFilterValue: string }[];
    };
    const isExcluded = filters.some(filter =>
      matchesWildcard(filter.ImageTagMutabilityExclusionFilterValue, tag),
    );
    return mode === 'IMMUTABLE_WITH_EXCLUSION' ? !isExcluded : isExcluded;
  }
}

export function lockedMessage(repository: string, tag: string): string {
  return `The image tag '${tag}' already exists in the '${repository}' repository and cannot be overwritten because the tag is immutable.`;
}
