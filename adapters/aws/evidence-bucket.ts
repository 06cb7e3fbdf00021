import { setTimeout as sleep } from 'node:timers/promises';
import {
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { Seconds, Tries } from '../../src/core/times';

export class ObjectTooLarge extends Error {
  public readonly code = 'OBJECT_TOO_LARGE';
}

/** The durable, append-only record. */
export class EvidenceBucket {
  constructor(
    private readonly bucket: string,
    private readonly client = new S3Client({}),
    private readonly pauseMilliseconds = Seconds.writeOncePause * 1000,
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

  /** Whether the caller finds an object there. S3 answers 403 for a missing one to who may not list. */
  public async has(Key: string): Promise<boolean> {
    try {
      await this.client.send(new HeadObjectCommand({ Bucket: this.bucket, Key }));
      return true;
    } catch (error) {
      const status = error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
      if (status === 404 || status === 403) return false;
      throw error;
    }
  }

  /** False if the object was there already: the first writer wins (rule 5.3, separation of duties). */
  public async writeOnce(key: string, body: Uint8Array | string, contentType: string): Promise<boolean> {
    for (let tries = 1, pause = this.pauseMilliseconds; ; tries += 1, pause *= 2) {
      const status = await this.put(key, body, contentType, tries < Tries.writeOnce ? [412, 409] : [412]);
      if (status !== 409) return status !== 412;
      // somebody writes the same key at this moment: who was first is known when one of them has ended
      await sleep(pause * (1 + Math.random()));
    }
  }

  /** The status of an answer. An error that is not expected is thrown. */
  private async put(
    Key: string,
    Body: Uint8Array | string,
    ContentType: string,
    expected: readonly number[],
  ): Promise<number> {
    try {
      await this.client.send(
        new PutObjectCommand({ Bucket: this.bucket, Key, Body, ContentType, IfNoneMatch: '*' }),
      );
      return 200;
    } catch (error) {
      const status = error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
      if (status === undefined || !expected.includes(status)) throw error;
      return status;
    }
  }
}
