import { ECRServiceException, ImageDetail, UpdateImageStorageClassRequest } from '@aws-sdk/client-ecr';
import { RepositoryStore } from './repository-store';
import { Answer, errorAnswer, jsonAnswer } from '../gateway/answer';

type Times = Pick<ImageDetail, 'imageStatus'> & {
  readonly lastArchivedAt?: number;
  readonly lastActivatedAt?: number;
};

/**
 * Images in the archival storage class, which cannot be pulled. MiniStack does not know it. Amazon ECR takes
 * up to 20 minutes to restore one; here it is there at once.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/archive_restore_image.html
 */
export class Archive {
  private readonly known = new Map<string, Times>();

  constructor(private readonly store: RepositoryStore) {}

  /** The call, by a caller who may. */
  public async update({
    repositoryName = '',
    imageId = {},
    targetStorageClass,
  }: UpdateImageStorageClassRequest): Promise<Answer> {
    if (targetStorageClass !== 'ARCHIVE' && targetStorageClass !== 'STANDARD') {
      return errorAnswer('InvalidParameterException', `'targetStorageClass' is STANDARD or ARCHIVE`);
    }
    const digest = await this.digestOf(repositoryName, imageId);
    if (typeof digest !== 'string') return digest;
    const name = `${repositoryName}@${digest}`;
    const now = Date.now() / 1000;
    const before = this.known.get(name);
    const after: Times =
      targetStorageClass === 'ARCHIVE'
        ? { ...before, imageStatus: 'ARCHIVED', lastArchivedAt: now }
        : { ...before, imageStatus: 'ACTIVE', lastActivatedAt: now };
    this.known.set(name, after);
    return jsonAnswer(200, {
      repositoryName,
      imageId: { ...imageId, imageDigest: digest },
      imageStatus: after.imageStatus,
    });
  }

  public has(repository: string, digest: string): boolean {
    return this.known.get(`${repository}@${digest}`)?.imageStatus === 'ARCHIVED';
  }

  /** What DescribeImages says of it. */
  public of(repository: string, digest: string): Times {
    return { imageStatus: 'ACTIVE', ...this.known.get(`${repository}@${digest}`) };
  }

  private async digestOf(
    repository: string,
    { imageDigest, imageTag }: NonNullable<UpdateImageStorageClassRequest['imageId']>,
  ): Promise<string | Answer> {
    try {
      const found = (await this.store.images(repository)).find(image =>
        imageDigest === undefined ? image.imageTags?.includes(imageTag!) : image.imageDigest === imageDigest,
      );
      return (
        found?.imageDigest ??
        errorAnswer('ImageNotFoundException', `no image ${imageDigest ?? imageTag} in ${repository}`)
      );
    } catch (error) {
      if (error instanceof ECRServiceException) return errorAnswer(error.name, error.message);
      throw error;
    }
  }
}
