import {
  BatchCheckLayerAvailabilityCommand,
  BatchDeleteImageCommand,
  CompleteLayerUploadCommand,
  ECRClient,
  GetDownloadUrlForLayerCommand,
  ImageAlreadyExistsException,
  ImageTagAlreadyExistsException,
  InitiateLayerUploadCommand,
  LayerAlreadyExistsException,
  ListImageReferrersCommand,
  PutImageCommand,
  UploadLayerPartCommand,
  type ListImageReferrersResponse,
} from '@aws-sdk/client-ecr';
import { readEcrManifest, type FoundManifest, type ManifestError, type ManifestId } from './ecr-manifests';
import type { Repository } from '../../src/core/image/image';
import type { Result } from '../../src/core/result';
import { type Artefact } from '../../src/core/signing/oci-artefact';
import { digestOf } from '../../src/core/text/sha256';
import { Seconds } from '../../src/core/times';
import type { Referrer, RegistryReader } from '../../src/core/trust/registry-check';
import { readCapped } from '../capped-body';

/** What BatchDeleteImage takes. */
const DELETED_AT_ONCE = 100;

/** A manifest that was not deleted. The name of the error is ECR's code. */
interface NotRemoved {
  readonly digest: string;
  readonly error: Error;
}

/** Handlers make a registry for each message; their connections are kept. */
let shared: ECRClient | undefined;

/**
 * One repository of Amazon ECR: manifests, blobs, referrers and pushes. All go through ECR's own API, so IAM
 * decides who may.
 */
export class EcrRegistry implements RegistryReader {
  constructor(
    private readonly repository: Repository,
    private readonly client = (shared ??= new ECRClient({})),
  ) {}

  /** Undefined where it is not there; everything else that keeps it back is thrown. */
  public async find(id: ManifestId, maxBytes: number): Promise<FoundManifest | undefined> {
    const read = await this.read(id, maxBytes);
    if (read.ok) return read.value;
    if (read.error.problem === 'not-found') return undefined;
    throw read.error;
  }

  public read(id: ManifestId, maxBytes: number): Promise<Result<FoundManifest, ManifestError>> {
    return readEcrManifest(this.repository, id, maxBytes, this.client);
  }

  public async manifest(digest: string, maxBytes: number): Promise<string | undefined> {
    return (await this.find({ imageDigest: digest }, maxBytes))?.text;
  }

  public async blob(digest: string, maxBytes: number): Promise<string> {
    const response = await this.open(digest, AbortSignal.timeout(Seconds.ecrBlob * 1000));
    const bytes = await readCapped(response.body!, maxBytes);
    if (bytes === undefined) throw new Error(`the blob ${digest} has more than ${maxBytes} bytes`);
    return bytes.toString('utf8');
  }

  /** The blob's bytes as they come, neither counted nor hashed. */
  public async open(digest: string, signal: AbortSignal): Promise<Response> {
    const { downloadUrl } = await this.client.send(
      new GetDownloadUrlForLayerCommand({ ...this.where(), layerDigest: digest }),
    );
    const response = await fetch(downloadUrl!, { signal });
    if (!response.ok || response.body === null) {
      throw Object.assign(new Error(`the registry answered ${response.status} for the blob ${digest}`), {
        $metadata: { httpStatusCode: response.status }, // a queue waits for the end of 429 and 5xx
      });
    }
    return response;
  }

  /** One page after the other, as long as the caller asks for more. The SDK has no paginator for it. */
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
      for (const { digest: referrer, artifactType, size, annotations } of page.referrers ?? []) {
        yield { digest: referrer!, artifactType, size, annotations };
      }
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
  }

  /**
   * Pushes blobs first, at once. What is there already counts as pushed. `tag-taken`: the tag is immutable
   * and names something else.
   */
  public async push({ manifest, mediaType, blobs, tag }: Artefact): Promise<'pushed' | 'tag-taken'> {
    await this.pushBlobs(new Map(blobs.map(blob => [digestOf(blob), Buffer.from(blob)])));
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

  /**
   * Deletes manifests, with all their tags. What is not there counts as deleted. Answers what stays, and why:
   * one that is refused keeps none of the others.
   */
  public async remove(digests: readonly string[]): Promise<NotRemoved[]> {
    const stay: NotRemoved[] = [];
    for (let first = 0; first < digests.length; first += DELETED_AT_ONCE) {
      const batch = digests.slice(first, first + DELETED_AT_ONCE);
      const imageIds = batch.map(imageDigest => ({ imageDigest }));
      try {
        const { failures = [] } = await this.client.send(
          new BatchDeleteImageCommand({ ...this.where(), imageIds }),
        );
        for (const { imageId, failureCode, failureReason } of failures) {
          if (failureCode === 'ImageNotFound') continue;
          const error = Object.assign(new Error(failureReason), { name: failureCode });
          stay.push({ digest: imageId!.imageDigest!, error });
        }
      } catch (error) {
        stay.push(...batch.map(digest => ({ digest, error: error as Error })));
      }
    }
    return stay;
  }

  private async pushBlobs(blobs: ReadonlyMap<string, Buffer>): Promise<void> {
    const { layers = [] } = await this.client.send(
      new BatchCheckLayerAvailabilityCommand({ ...this.where(), layerDigests: [...blobs.keys()] }),
    );
    const there = new Set(
      layers.filter(each => each.layerAvailability === 'AVAILABLE').map(each => each.layerDigest),
    );
    const missing = [...blobs].filter(([digest]) => !there.has(digest));
    await Promise.all(missing.map(([digest, bytes]) => this.pushBlob(digest, bytes)));
  }

  private async pushBlob(digest: string, bytes: Buffer): Promise<void> {
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
        // another push of the same bytes was faster
        if (!(error instanceof LayerAlreadyExistsException)) throw error;
      });
  }

  private where(): { registryId: string; repositoryName: string } {
    return { registryId: this.repository.account, repositoryName: this.repository.repository };
  }
}
