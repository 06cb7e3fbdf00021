import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { blobFile } from './read-layout';
import { sha256Of } from '../../src/core/text/sha256';
import { Descriptor } from '../images/content';

export interface LocalImage {
  /** The folder that it was found in. Nothing is copied: the asset's folder stays in `cdk.out`. */
  readonly layout: string;
  readonly descriptor: Descriptor;
}

interface Kept extends LocalImage {
  readonly name: string;
}

export class NoSuchImage extends Error {
  constructor(name: string) {
    super(`no such image: ${name}; build or tag it first`);
  }
}

/**
 * The names that images have here, one file a name, so that several stand-ins at once do not get in each
 * other's way.
 */
export class LocalImages {
  constructor(private readonly folder: string) {}

  public async keep(name: string, { layout, descriptor }: LocalImage): Promise<void> {
    const kept: Kept = { name: withTag(name), layout, descriptor };
    const draft = join(this.folder, `.${randomBytes(8).toString('hex')}`);
    await mkdir(this.folder, { recursive: true });
    await writeFile(draft, JSON.stringify(kept));
    await rename(draft, this.fileOf(kept.name)); // a reader sees all of it or nothing
  }

  /** An image without its layout counts as missing: then cdk-assets requests a build. */
  public async find(name: string): Promise<LocalImage> {
    const file = this.fileOf(withTag(name));
    const kept = existsSync(file) ? await read(file) : undefined;
    if (kept === undefined || !isThere(kept)) throw new NoSuchImage(name);
    return kept;
  }

  public async names(): Promise<string[]> {
    if (!existsSync(this.folder)) return [];
    const files = (await readdir(this.folder)).filter(file => file.endsWith('.json'));
    const all = await Promise.all(files.map(file => read(join(this.folder, file))));
    return all
      .filter(isThere)
      .map(({ name }) => name)
      .sort();
  }

  /** Names have slashes and may be longer than a file's name. */
  private fileOf(name: string): string {
    return join(this.folder, `${sha256Of(name)}.json`);
  }
}

async function read(file: string): Promise<Kept> {
  return JSON.parse(await readFile(file, 'utf8')) as Kept;
}

function isThere({ layout, descriptor }: LocalImage): boolean {
  return existsSync(blobFile(layout, descriptor.digest));
}

/** A colon before the last slash is a registry's port. */
function withTag(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1).includes(':') ? name : `${name}:latest`;
}
