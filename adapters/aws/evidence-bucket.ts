import { GetObjectCommand, PutObjectCommand, S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import { Tries } from '../../src/core/times';

export class ObjectTooLarge extends Error {
  public readonly code = 'OBJECT_TOO_LARGE';
}

/** The durable, append-only record. */
export class EvidenceBucket {
  constructor(
    private readonly bucket: string,
    private readonly client = new S3Client({}),
  ) {}

  public get name(): string {
    return this.bucket;
  }

  /**
   * The bytes of an object, or undefined where there is none. Throws ObjectTooLarge before reading more than
   * `maxBytes`.
   */
  public async read(key: string, maxBytes: number): Promise<Uint8Array | undefined> {
    try {
      const { Body, ContentLength } = await this.client.send(
        new GetObjectCommand({ Bucket: this.bucket, Key: key, Range: `bytes=0-${maxBytes}` }),
      );
      if ((ContentLength ?? 0) > maxBytes) throw new ObjectTooLarge(`${key} has more than ${maxBytes} bytes`);
      return await Body!.transformToByteArray();
    } catch (error) {
      if (
        error instanceof S3ServiceException &&
        (error.name === 'NoSuchKey' || error.$metadata.httpStatusCode === 404)
      ) {
        return undefined;
      }
      if (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 416) {
        return new Uint8Array();
      } // an empty object has no range
      throw error;
    }
  }

  /** False if the object was there already: the first writer wins (rule 5.3, separation of duties). */
  public async writeOnce(
    key: string,
    body: Uint8Array | string,
    contentType: string,
    tries: number = Tries.writeOnce,
  ): Promise<boolean> {
    try {
      await this.client.send(
        new PutObjectCommand({
          Bucket: this.bucket,
          Key: key,
          Body: body,
          ContentType: contentType,
          IfNoneMatch: '*',
        }),
      );
      return true;
    } catch (error) {
      if (!(error instanceof S3ServiceException)) throw error;
      const { httpStatusCode } = error.$metadata;
      if (httpStatusCode === 412) return false;
      // somebody writes the same key at this moment: who was first is known when one of them has ended
      if (httpStatusCode === 409 && tries > 1) return this.writeOnce(key, body, contentType, tries - 1);
      throw error;
    }
  }
}
