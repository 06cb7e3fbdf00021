import { posix } from 'node:path';
import { Header, pack } from 'tar-stream';

type Path = Pick<Header, 'name' | 'type' | 'mode'> & { readonly linkname?: string };
type Entry = { readonly path: Path; readonly body: Buffer };

/**
 * One layer's files, in memory. Owners and times are fixed, so the same files always give the same digest.
 */
export class Layer {
  private readonly entries = new Map<string, Entry>();

  public file(path: string, content: string | Buffer, mode = 0o644): this {
    return this.put({ name: relative(path), type: 'file', mode }, Buffer.from(content));
  }

  public directory(path: string, mode = 0o755): this {
    return this.put({ name: relative(path), type: 'directory', mode });
  }

  public symlink(path: string, target: string): this {
    return this.put({ name: relative(path), type: 'symlink', linkname: target, mode: 0o777 });
  }

  /**
   * Delete a path that an earlier layer brought.
   *
   * @see https://github.com/opencontainers/image-spec/blob/v1.1.1/layer.md#whiteouts
   */
  public whiteout(path: string): this {
    const { dir, base } = posix.parse(relative(path));
    return this.file(posix.join(dir, `.wh.${base}`), '');
  }

  /** What lies in a folder lies in another one, and a link leads there. */
  public behindLink(folder: string, elsewhere: string): this {
    const from = `${relative(folder)}/`;
    for (const [name, { path, body }] of [...this.entries].filter(([each]) => each.startsWith(from))) {
      this.entries.delete(name);
      this.put({ ...path, name: `${relative(elsewhere)}/${name.slice(from.length)}` }, body);
    }
    return this.symlink(folder, `/${relative(elsewhere)}`);
  }

  /** Add everything that another layer holds; its files win. */
  public with(other: Layer): this {
    for (const [name, entry] of other.entries) this.entries.set(name, entry);
    return this;
  }

  public async tar(): Promise<Buffer> {
    const archive = pack();
    for (const [, { path, body }] of [...this.entries].sort(([a], [b]) => (a < b ? -1 : 1))) {
      archive.entry({ ...path, uid: 0, gid: 0, mtime: new Date(0) }, body);
    }
    archive.finalize();
    const chunks: Buffer[] = [];
    for await (const chunk of archive) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks);
  }

  private put(path: Path, body: Buffer = Buffer.alloc(0)): this {
    this.entries.set(path.name, { path, body });
    return this;
  }
}

function relative(path: string): string {
  return posix.normalize(path).replace(/^\/+|\/+$/g, '');
}
