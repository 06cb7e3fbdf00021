import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { stagePackage } from '../../local/package/stage';

export interface Packed {
  readonly archive: string;
  readonly files: readonly string[];
  /** What its bundles were made from. */
  readonly bundled: readonly string[];
  readonly bytes: number;
  readonly unpackedBytes: number;
}

/** Packs what is published into a folder, from what is bundled and compiled. */
export async function packInto(folder: string): Promise<Packed> {
  const stage = join(folder, 'package');
  const bundled = await stagePackage(stage);
  const [packed] = JSON.parse(
    execFileSync('npm', ['pack', '--json', `--pack-destination=${folder}`], {
      cwd: stage,
      encoding: 'utf8',
      stdio: 'pipe',
    }),
  ) as { filename: string; files: { path: string }[]; size: number; unpackedSize: number }[];
  return {
    archive: join(folder, packed!.filename),
    files: packed!.files.map(({ path }) => path),
    bundled,
    bytes: packed!.size,
    unpackedBytes: packed!.unpackedSize,
  };
}
