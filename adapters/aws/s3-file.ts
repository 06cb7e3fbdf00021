import { basename } from 'node:path';
import type { Readable } from 'node:stream';
import { GetObjectCommand, NoSuchKey, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';

/** A file in a bucket that people edit. */
export class S3File {
  public readonly name: string;

  constructor(
    private readonly bucket: string,
    private readonly key: string,
    private readonly client = new S3Client({}),
  ) {
    this.name = basename(key);
  }

  public get location(): string {
    return `s3://${this.bucket}/${this.key}`;
  }

  /**
   * Its newest version, without its bytes if it has more than `maxBytes`. Undefined where there is none.
   * Throws if there is no bucket, since that says nothing of the file.
   */
  public async read(
    maxBytes: number,
  ): Promise<{ size: number; bytes?: Uint8Array; versionId?: string } | undefined> {
    try {
      const {
        Body,
        ContentLength: size = 0,
        VersionId,
      } = await this.client.send(new GetObjectCommand({ Bucket: this.bucket, Key: this.key }));
      const version = VersionId === undefined ? {} : { versionId: VersionId };
      if (size <= maxBytes) return { size, bytes: await Body!.transformToByteArray(), ...version };
      (Body as Readable).destroy(); // otherwise it keeps its connection
      return { size, ...version };
    } catch (error) {
      if (error instanceof NoSuchKey) return undefined;
      throw error;
    }
  }

  public async write(text: string): Promise<void> {
    await this.client.send(
      new PutObjectCommand({
        Bucket: this.bucket,
        Key: this.key,
        Body: text,
        ContentType: 'application/yaml',
      }),
    );
  }
}
