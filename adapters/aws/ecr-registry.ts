import { digestOf } from '../../src/core/text/sha256';
import {
  BatchCheckLayerAvailabilityCommand,
  BatchGetImageCommand,
  CompleteLayerUploadCommand,
  ECRClient,
  GetDownloadUrlForLayerCommand,
  ImageAlreadyExistsException,
  ImageTagAlreadyExistsException,
  InitiateLayerUploadCommand,
  LayerAlreadyExistsException,
  ListImageReferrersCommand,
  PutImageCommand,
  RepositoryNotFoundException,
  UploadLayerPartCommand,
  type ImageIdentifier,
  type ListImageReferrersResponse,
} from '@aws-sdk/client-ecr';
import type { Image } from '../../src/core/image/image';
import { ACCEPTED_MANIFESTS } from '../../src/core/image/manifest';
import { type Artefact } from '../../src/core/signing/oci-artefact';
import { Seconds } from '../../src/core/times';
import type { Referrer, RegistryReader } from '../../src/core/trust/registry-check';
import { readCapped } from '../capped-body';

export interface FoundManifest {
  readonly text: string;
  readonly mediaType: string;
}

/**
 * One repository as a registry of signatures: manifests, blobs, referrers; all through ECR's own API, so that
 * IAM says who may.
 */
export class EcrRegistry implements RegistryReader {
  constructor(
    private readonly repository: Omit<Image, 'digest'>,
    private readonly client = new ECRClient({}),
  ) {}

  public async manifest(digest: string, maxBytes: number): Promise<string | undefined> {
    return (await this.find({ imageDigest: digest }, maxBytes))?.text;
  }

  public async find(imageId: ImageIdentifier, maxBytes: number): Promise<FoundManifest | undefined> {
    const { images, failures } = await this.client
      .send(
        new BatchGetImageCommand({
          ...this.where(),
          imageIds: [imageId],
          acceptedMediaTypes: [...ACCEPTED_MANIFESTS],
        }),
      )
      .catch((error: unknown) => {
        if (error instanceof RepositoryNotFoundException) return { images: [], failures: [] };
        throw error;
      });
    const [image] = images ?? [];
    const code = failures?.[0]?.failureCode;
    if (code !== undefined && code !== 'ImageNotFound') {
      throw new Error(`the registry keeps back ${JSON.stringify(imageId)}: ${code}`);
    } // it may be there
    if (image?.imageManifest === undefined) return undefined;
    if (image.imageManifest.length > maxBytes) {
      throw new Error(`the manifest has more than ${maxBytes} bytes`);
    }
    return { text: image.imageManifest, mediaType: image.imageManifestMediaType ?? '' };
  }

  public async blob(digest: string, maxBytes: number): Promise<string> {
    const response = await this.open(digest, AbortSignal.timeout(Seconds.ecrBlob * 1000));
    const bytes = await readCapped(response.body!, maxBytes);
    if (bytes === undefined) throw new Error(`the blob ${digest} has more than ${maxBytes} bytes`);
    return bytes.toString('utf8');
  }

  /** The blob's bytes as they come. Nobody has counted or hashed them. */
  public async open(digest: string, signal: AbortSignal): Promise<Response> {
    const { downloadUrl } = await this.client.send(
      new GetDownloadUrlForLayerCommand({ ...this.where(), layerDigest: digest }),
    );
    const response = await fetch(downloadUrl!, { signal });
    if (!response.ok || response.body === null) {
      throw new Error(`the registry answered ${response.status} for the blob ${digest}`);
    }
    return response;
  }

  /** One page after the other, and only as long as somebody listens. The SDK has no paginator for it. */
  public async *referrers(digest: string): AsyncIterable<Referrer> {
    let nextToken: string | undefined;
    do {
      const page: ListImageReferrersResponse = await this.client.send(
        new ListImageReferrersCommand({
          ...this.where(),
          subjectId: { imageDigest: digest },
          maxResults: 50,
          ...(nextToken !== undefined && { nextToken }),
        }),
      );
      for (const { digest: referrer, artifactType, size } of page.referrers ?? []) {
        yield { digest: referrer!, artifactType, size };
      }
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
  }

  /**
   * Blobs first. What is there already is as good as pushed. `tag-taken`: the tag is immutable and names
   * something else.
   */
  public async push({ manifest, mediaType, blobs, tag }: Artefact): Promise<'pushed' | 'tag-taken'> {
    for (const blob of blobs) await this.pushBlob(Buffer.from(blob));
    try {
      await this.client.send(
        new PutImageCommand({
          ...this.where(),
          imageManifest: manifest,
          imageManifestMediaType: mediaType,
          imageDigest: digestOf(manifest),
          imageTag: tag,
        }),
      );
      return 'pushed';
    } catch (error) {
      if (error instanceof ImageAlreadyExistsException) return 'pushed';
      if (error instanceof ImageTagAlreadyExistsException) return 'tag-taken';
      throw error;
    }
  }

  private async pushBlob(bytes: Buffer): Promise<void> {
    const digest = digestOf(bytes);
    const { layers } = await this.client.send(
      new BatchCheckLayerAvailabilityCommand({ ...this.where(), layerDigests: [digest] }),
    );
    if (layers?.[0]?.layerAvailability === 'AVAILABLE') return;
    const { uploadId, partSize } = await this.client.send(new InitiateLayerUploadCommand(this.where()));
    for (let first = 0; first < bytes.length; first += partSize!) {
      const layerPartBlob = bytes.subarray(first, first + partSize!);
      const partLastByte = first + layerPartBlob.length - 1;
      await this.client.send(
        new UploadLayerPartCommand({
          ...this.where(),
          uploadId,
          partFirstByte: first,
          partLastByte,
          layerPartBlob,
        }),
      );
    }
    await this.client
      .send(new CompleteLayerUploadCommand({ ...this.where(), uploadId, layerDigests: [digest] }))
      .catch((error: unknown) => {
        // somebody else was faster, with the same bytes
        if (!(error instanceof LayerAlreadyExistsException)) throw error;
      });
  }

  private where(): { registryId: string; repositoryName: string } {
    return { registryId: this.repository.account, repositoryName: this.repository.repository };
  }
}
