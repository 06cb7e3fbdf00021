import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { compressionOf } from './compression';
import { refuseTwoImages, writeLayout, type Unpacked } from './docker-archive';
import { untar, type TarEntry } from './tar';
import { Limit } from '../../src/core/limits';
import { plainText, quoted } from '../../src/core/text/plain-text';
import { UserError } from '../../src/core/user-error';

const MOST_ENTRIES = 10_000;
const BLOB = /^blobs\/sha256\/[0-9a-f]{64}$/;
const SMALL: readonly string[] = ['index.json', 'oci-layout', 'manifest.json'];
/**
 * Of archives without a layout: `<hex>.json` or `config.json` is the config, `<hex>/layer.tar` and the like
 * are layers.
 */
const CLASSIC =
  /^(?:config\.json|[0-9a-f]{64}\.json|[0-9a-f]{64}\/layer\.tar|sha256:[0-9a-f]{64}|(?:blobs\/sha256\/)?[0-9a-f]{64}\.tar(?:\.gz)?)$/;
/** What Docker loads as an image of before 2016 where there is no manifest.json. */
const ANCIENT = /^(?:repositories|[^/]+\/json)$/;

/**
 * Unpacks what docker save, podman save, crane or buildx wrote, into a layout: what an image consists of,
 * each under a name of ours, and nothing else.
 *
 * @returns whether the manifest, and so the digest, is made up, because there was none
 */
export async function unpackArchive(
  file: string,
  folder: string,
  title: string,
): Promise<{ readonly isMadeUp: boolean }> {
  await mkdir(join(folder, 'blobs', 'sha256'), { recursive: true });
  const unpacked = await unpack(file, folder).catch((error: unknown) => {
    if (error instanceof UserError) throw error;
    throw new UserError(
      `${title} cannot be read as a tar of an image: ${plainText(error instanceof Error ? error.message : String(error), 300)}; save the image again`,
    );
  });
  const isMadeUp = !unpacked.has('index.json');
  if (isMadeUp) await writeLayout(folder, unpacked, title);
  else if (unpacked.has('manifest.json')) await refuseTwoImages(folder, unpacked, title);
  return { isMadeUp };
}

async function unpack(file: string, folder: string): Promise<Unpacked> {
  if ((await stat(file)).size === 0) throw new Error('it is empty');
  const compression = await compressionOf(file);
  if (compression !== 'none' && compression !== 'gzip') {
    throw new Error(`it is compressed by ${compression}, allowed: gzip, or nothing`);
  }
  const unpacker = new Unpacker(folder);
  const take = (source: AsyncIterable<Buffer>) => unpacker.takeAll(source);
  await (compression === 'gzip'
    ? pipeline(createReadStream(file), createGunzip(), take)
    : pipeline(createReadStream(file), take));
  return unpacker.end();
}

class Unpacker {
  private readonly unpacked = new Map<string, string>();
  private readonly links = new Map<string, string>();
  /** Everything in it, as a file system sees it that knows no case. */
  private readonly seen = new Map<string, 'folder' | 'other'>();
  private entries = 0;
  private isAncient = false;

  constructor(private readonly folder: string) {}

  public async takeAll(source: AsyncIterable<Buffer>): Promise<void> {
    for await (const entry of untar(capped(source))) {
      this.entries += 1;
      if (this.entries > MOST_ENTRIES) {
        throw new UserError(
          `the archive has more than ${MOST_ENTRIES} files, which no image is scanned with`,
        );
      }
      const name = nameOf(entry.name);
      this.look(name, entry.type);
      if (ANCIENT.test(name)) this.isAncient = true;
      if (entry.type === 'file') await this.takeFile(name, entry);
      else if (entry.type !== 'folder' && CLASSIC.test(name)) this.links.set(name, targetOf(entry, name));
    }
  }

  /** The files that were unpacked: by their names in the archive, and what they are called in the folder. */
  public end(): Unpacked {
    if (this.entries === 0) throw new Error('it is empty');
    if (this.isAncient && !this.unpacked.has('manifest.json')) {
      throw new Error('it holds an image in the form of before 2016, which has no manifest.json');
    }
    for (const [name, target] of this.links) {
      const written = this.unpacked.get(target);
      if (written !== undefined && CLASSIC.test(target)) this.unpacked.set(name, written);
    }
    return this.unpacked;
  }

  private async takeFile(name: string, { content }: TarEntry): Promise<void> {
    if (!SMALL.includes(name) && !BLOB.test(name) && !CLASSIC.test(name)) return;
    const written = SMALL.includes(name) || BLOB.test(name) ? name : `classic-${this.entries}`;
    await pipeline(content, createWriteStream(join(this.folder, written)));
    this.unpacked.set(name, written);
  }

  /**
   * Of two entries with one name some readers take the first and others the last; and a link in place of a
   * folder moves all that is in it.
   */
  private look(name: string, type: TarEntry['type']): void {
    const folded = name.toUpperCase().toLowerCase();
    const isKnown = SMALL.includes(name) || BLOB.test(name);
    if (!isKnown && (SMALL.includes(folded) || BLOB.test(folded))) {
      throw new Error(`it has ${quoted(name, 100)}, which is ${quoted(folded, 100)} on some machines`);
    }
    if (isKnown && type !== 'file') {
      throw new Error(`${quoted(name, 100)} is a ${type} in it, allowed: a file`);
    }
    const before = this.seen.get(folded);
    if (before !== undefined && (before === 'other' || type !== 'folder')) {
      throw new Error(`it has ${quoted(name, 100)} twice, and readers take one or the other`);
    }
    this.seen.set(folded, type === 'folder' ? 'folder' : 'other');
    for (let above = posix.dirname(folded); above !== '.'; above = posix.dirname(above)) {
      if (this.seen.get(above) === 'other') {
        throw new Error(`${quoted(above, 100)} is a folder in it, and something else too`);
      }
      this.seen.set(above, 'folder');
    }
  }
}

/** As whoever unpacks it sees the name: `./x`, `/x` and `y/../x` are one. */
function nameOf(written: string): string {
  return posix.normalize(`/${written}`).replace(/^\/|\/$/g, '') || '.';
}

/**
 * The name in the archive that a link stands for: docker save writes a layer that comes twice once, and a
 * link to it. It is looked up, and never followed.
 */
function targetOf({ type, target }: TarEntry, name: string): string {
  return type === 'link' ? posix.normalize(target) : posix.normalize(posix.join(posix.dirname(name), target));
}

async function* capped(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of source) {
    bytes += chunk.length;
    if (bytes > Limit.imageBytes) {
      throw new UserError(
        `the archive has more than ${Limit.imageBytes} bytes, which no image is scanned with`,
      );
    }
    yield chunk;
  }
}
