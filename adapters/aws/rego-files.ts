import { paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3';
import { S3File } from './s3-file';
import { Limit } from '../../src/core/limits';

const client = new S3Client({});

interface RegoFile {
  readonly key: string;
  readonly versionId?: string;
  readonly text: string;
}

/** The `.rego` files of a folder in a bucket, without tests, in the order of their keys. */
export async function regoFiles({
  bucket,
  prefix,
}: {
  readonly bucket: string;
  readonly prefix: string;
}): Promise<RegoFile[]> {
  const files: RegoFile[] = [];
  for await (const { Contents } of paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix })) {
    for (const { Key: key = '' } of Contents ?? []) {
      if (!key.endsWith('.rego') || key.endsWith('_test.rego')) continue;
      const found = await new S3File(bucket, key, client).read(Limit.regoBytes);
      if (found === undefined) continue; // deleted since it was listed
      if (found.bytes === undefined) {
        throw new Error(`${key} has ${found.size} bytes, allowed: ${Limit.regoBytes}`);
      }
      files.push({
        key,
        versionId: found.versionId,
        text: new TextDecoder('utf-8', { fatal: true }).decode(found.bytes),
      });
      if (files.length > Limit.regoFiles) {
        throw new Error(`s3://${bucket}/${prefix} has more Rego files than allowed: ${Limit.regoFiles}`);
      }
    }
  }
  return files;
}
