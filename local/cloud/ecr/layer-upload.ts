import {
  BatchCheckLayerAvailabilityRequest,
  CompleteLayerUploadRequest,
  GetDownloadUrlForLayerRequest,
  InitiateLayerUploadRequest,
} from '@aws-sdk/client-ecr';
import { RepositoryStore } from './repository-store';
import { Answer, errorAnswer, jsonAnswer } from '../gateway/answer';

const PART_SIZE = 20 * 1024 * 1024;

/** As it is on the wire: the blob is base64. */
interface UploadLayerPartBody {
  readonly repositoryName: string;
  readonly uploadId: string;
  readonly partFirstByte: number;
  readonly partLastByte: number;
  readonly layerPartBlob: string;
}

/** The layer calls of ECR's API, which are stubs in MiniStack, on the uploads of its registry. */
export class LayerUpload {
  /** Bytes received, by upload id. */
  private readonly uploads = new Map<string, number>();

  constructor(
    private readonly store: RepositoryStore,
    private readonly endpoint: string,
    private readonly account: string,
  ) {}

  public async batchCheckLayerAvailability({
    repositoryName,
    layerDigests = [],
  }: BatchCheckLayerAvailabilityRequest): Promise<Answer> {
    const layers = await Promise.all(
      layerDigests.map(async layerDigest => {
        const layerSize = await this.store.blobSize(repositoryName!, layerDigest);
        return {
          layerDigest,
          layerSize,
          layerAvailability: layerSize === undefined ? 'UNAVAILABLE' : 'AVAILABLE',
        };
      }),
    );
    return jsonAnswer(200, { layers, failures: [] });
  }

  public async getDownloadUrlForLayer({
    repositoryName,
    layerDigest,
  }: GetDownloadUrlForLayerRequest): Promise<Answer> {
    if ((await this.store.blobSize(repositoryName!, layerDigest!)) === undefined) {
      return errorAnswer(
        'LayersNotFoundException',
        `The layer with digest '${layerDigest}' does not exist in the repository '${repositoryName}'`,
      );
    }
    return jsonAnswer(200, {
      layerDigest,
      downloadUrl: `${this.endpoint}/v2/${repositoryName}/blobs/${layerDigest}?ns=${this.store.host}`,
    });
  }

  public async initiateLayerUpload({ repositoryName }: InitiateLayerUploadRequest): Promise<Answer> {
    const { headers } = await this.store.v2('POST', `${repositoryName}/blobs/uploads/`);
    const uploadId = String(headers['docker-upload-uuid']);
    this.uploads.set(uploadId, 0);
    return jsonAnswer(200, { uploadId, partSize: PART_SIZE });
  }

  public async uploadLayerPart({
    repositoryName,
    uploadId,
    partFirstByte,
    partLastByte,
    layerPartBlob,
  }: UploadLayerPartBody): Promise<Answer> {
    const bytes = Buffer.from(layerPartBlob, 'base64');
    const next = this.uploads.get(uploadId);
    if (next === undefined) return unknownUpload(uploadId);
    if (partFirstByte !== next || partLastByte !== next + bytes.length - 1) {
      return errorAnswer(
        'InvalidLayerPartException',
        `The first byte of this part is ${next}, not ${partFirstByte}`,
      );
    }
    await this.store.v2('PATCH', `${repositoryName}/blobs/uploads/${uploadId}`, bytes);
    this.uploads.set(uploadId, partLastByte + 1);
    return jsonAnswer(200, {
      registryId: this.account,
      repositoryName,
      uploadId,
      lastByteReceived: partLastByte,
    });
  }

  public async completeLayerUpload({
    repositoryName,
    uploadId,
    layerDigests = [],
  }: CompleteLayerUploadRequest): Promise<Answer> {
    const received = this.uploads.get(uploadId!);
    const [layerDigest] = layerDigests;
    if (received === undefined) return unknownUpload(uploadId!);
    if (received === 0) return errorAnswer('EmptyUploadException', `The upload '${uploadId}' has no parts`);
    if ((await this.store.blobSize(repositoryName!, layerDigest)) !== undefined) {
      return errorAnswer(
        'LayerAlreadyExistsException',
        `The layer with digest '${layerDigest}' already exists in the repository '${repositoryName}'`,
      );
    }
    const { status, body } = await this.store.v2(
      'PUT',
      `${repositoryName}/blobs/uploads/${uploadId}?digest=${layerDigest}`,
    );
    if (status !== 201) return errorAnswer('InvalidLayerException', body.toString());
    this.uploads.delete(uploadId!);
    return jsonAnswer(200, { registryId: this.account, repositoryName, uploadId, layerDigest });
  }
}

function unknownUpload(uploadId: string): Answer {
  return errorAnswer('UploadNotFoundException', `The upload '${uploadId}' does not exist`);
}
