import { openRegular } from './regular-file';

export type Compression = 'none' | 'gzip' | 'zstd' | 'bzip2' | 'xz';

/**
 * By its first bytes, as Docker and Podman tell when they load an image. A skippable frame is zstd too,
 * whatever else stands in it.
 */
export async function compressionOf(path: string): Promise<Compression> {
  const opened = await openRegular(path);
  if (opened === undefined) return 'none';
  const start = Buffer.alloc(6);
  await opened.file.read(start, 0, start.length, 0).finally(() => opened.file.close());
  const hex = start.toString('hex');
  if (hex.startsWith('1f8b')) return 'gzip';
  if (hex.startsWith('28b52ffd') || /^5.2a4d18/.test(hex)) return 'zstd';
  if (hex.startsWith('425a68')) return 'bzip2';
  return hex === 'fd377a585a00' ? 'xz' : 'none';
}
