import { gunzipSync } from 'node:zlib';
import { extract } from 'tar-stream';

export interface UnpackedFile {
  readonly path: string;
  readonly content: Buffer;
}

/** The regular files of a `.tar.gz`, in memory. */
export async function readTarball(bytes: Buffer): Promise<UnpackedFile[]> {
  const files: UnpackedFile[] = [];
  const archive = extract();
  archive.end(gunzipSync(bytes));
  for await (const entry of archive) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry) chunks.push(chunk as Buffer);
    if (entry.header.type === 'file') files.push({ path: entry.header.name, content: Buffer.concat(chunks) });
  }
  return files;
}
