import {
  DescribeImagesCommand,
  ECRClient,
  ECRServiceException,
  UpdateImageStorageClassCommand,
  type TargetStorageClass,
} from '@aws-sdk/client-ecr';
import { EcrRepositories } from './ecr-repositories';
import { imageOf, type Image, type ImageName } from '../../src/core/image/image';
import type { StoredImage } from '../../src/core/revocation/archive';

/** The storage classes of images in Amazon ECR. An archived image cannot be pulled: 404. */
export class EcrArchive {
  constructor(private readonly client = new ECRClient({})) {}

  /** Undefined where there is no such image. */
  public async look(image: ImageName): Promise<StoredImage | undefined> {
    const { digest } = imageOf(image);
    try {
      const { imageDetails = [] } = await this.client.send(
        new DescribeImagesCommand({
          ...where(image),
          imageIds: [{ imageDigest: digest }],
          filter: { imageStatus: 'ANY' },
        }),
      );
      const [found] = imageDetails;
      if (found === undefined) return undefined;
      const { imageStatus = 'ACTIVE', imageTags = [], lastRecordedPullTime, lastActivatedAt } = found;
      return {
        status: imageStatus,
        tags: imageTags,
        ...(lastRecordedPullTime !== undefined && { lastPulledAt: lastRecordedPullTime }),
        ...(lastActivatedAt !== undefined && { lastRestoredAt: lastActivatedAt }),
      };
    } catch (error) {
      if (error instanceof ECRServiceException && /^(Image|Repository)NotFound/.test(error.name)) {
        return undefined;
      }
      throw error;
    }
  }

  /** Digests of the images of a repository that nobody can pull. */
  public archived(repository: Pick<Image, 'account' | 'repository'>): AsyncIterable<string> {
    return new EcrRepositories(this.client).archived(repository);
  }

  public archive(image: ImageName): Promise<void> {
    return this.move(image, 'ARCHIVE');
  }

  /** Amazon ECR documents that it takes up to 20 minutes until the image can be pulled. */
  public restore(image: ImageName): Promise<void> {
    return this.move(image, 'STANDARD');
  }

  private async move(image: ImageName, targetStorageClass: TargetStorageClass): Promise<void> {
    const imageId = { imageDigest: imageOf(image).digest };
    await this.client.send(
      new UpdateImageStorageClassCommand({ ...where(image), imageId, targetStorageClass }),
    );
  }
}

function where(image: ImageName): { registryId: string; repositoryName: string } {
  const { account, repository } = imageOf(image);
  return { registryId: account, repositoryName: repository };
}
