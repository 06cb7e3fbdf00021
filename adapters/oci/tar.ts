const BLOCK = 512;
/** Of the headers that carry a long name or a large number. */
const MOST_EXTRA = 1024 * 1024;
const USTAR = 'ustar\u000000';
const GNU = 'ustar  \u0000';

export interface TarEntry {
  /** As it is written. */
  readonly name: string;
  readonly type: 'file' | 'folder' | 'link' | 'symlink';
  readonly target: string;
  readonly size: number;
  /** To be read before the next entry is asked for; what is left is skipped. */
  readonly content: AsyncIterable<Buffer>;
}

/**
 * The entries of a tar, read strictly: where readers are known to differ (sparse files, global headers, a
 * link with content, an invalid number, two long names at once) it is refused, since what loads the
 * archive may see another image in it.
 *
 * @see https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html#tag_20_94_13_06
 */
export async function* untar(source: AsyncIterable<Buffer>): AsyncGenerator<TarEntry> {
  const bytes = new Bytes(source);
  let more: Extra = {};
  for (;;) {
    const header = await bytes.take(BLOCK);
    if (header.length === 0) break;
    if (header.length < BLOCK) throw new Error('it ends in the middle of a header');
    if (header.every(byte => byte === 0)) {
      await bytes.expectNothing();
      break;
    }
    const { kind, size: written, ...entry } = readHeader(header);
    if (kind === 'x' || kind === 'L' || kind === 'K') {
      more = withExtra(more, kind, await bytes.padded(Math.min(written, MOST_EXTRA + 1)));
      continue;
    }
    const type = typeOf(kind);
    const name = more.L ?? more.x?.get('path') ?? entry.name;
    const target = more.K ?? more.x?.get('linkpath') ?? entry.target;
    const size = more.x?.has('size') === true ? decimal(more.x.get('size')!) : written;
    more = {};
    if (type !== 'file' && size !== 0) throw new Error(`it has a ${type} with ${size} bytes of content`);
    if (type === 'file' && name.endsWith('/')) throw new Error('it has a file with the name of a folder');
    const content = bytes.content(size);
    yield { name, type, target, size, content };
    for await (const _ of content); // what nobody read
    await bytes.skipPadding(size);
  }
  if (Object.keys(more).length > 0) throw new Error('it ends in the middle of an entry');
}

interface Extra {
  readonly x?: ReadonlyMap<string, string>;
  readonly L?: string;
  readonly K?: string;
}

function withExtra(before: Extra, kind: 'x' | 'L' | 'K', content: Buffer): Extra {
  if (content.length > MOST_EXTRA) throw new Error(`it has a header of more than ${MOST_EXTRA} bytes`);
  if (before[kind] !== undefined) throw new Error('it has two headers of one kind for one entry');
  const made: Extra = { ...before, [kind]: kind === 'x' ? readRecords(content) : textOf(content) };
  if (
    (made.L !== undefined && made.x?.has('path') === true) ||
    (made.K !== undefined && made.x?.has('linkpath') === true)
  ) {
    throw new Error('it has two long names for one entry');
  }
  return made;
}

function readHeader(header: Buffer): { kind: string; name: string; target: string; size: number } {
  const sum = header.reduce((all, byte, at) => all + (at >= 148 && at < 156 ? 0x20 : byte), 0);
  if (octal(header.subarray(148, 156)) !== sum) throw new Error('it has a header with a wrong checksum');
  const magic = header.toString('latin1', 257, 265);
  if (magic !== USTAR && magic !== GNU) {
    throw new Error('it is of an unknown format, allowed: ustar, pax, GNU');
  }
  const prefix = magic === USTAR ? textOf(header.subarray(345, 500)) : '';
  const name = textOf(header.subarray(0, 100));
  return {
    kind: header[156] === 0 ? '0' : header.toString('latin1', 156, 157),
    name: prefix === '' ? name : `${prefix}/${name}`,
    target: textOf(header.subarray(157, 257)),
    size: numberOf(header.subarray(124, 136)),
  };
}

function typeOf(kind: string): TarEntry['type'] {
  switch (kind) {
    case '0':
      return 'file';
    case '1':
      return 'link';
    case '2':
      return 'symlink';
    case '5':
      return 'folder';
    default:
      throw new Error(
        `it has an entry of the kind ${JSON.stringify(kind)}, allowed: files, folders and links`,
      );
  }
}

/** `<length> <key>=<value>\n`, each key once. */
function readRecords(content: Buffer): Map<string, string> {
  const records = new Map<string, string>();
  for (let at = 0; at < content.length;) {
    const space = content.indexOf(0x20, at);
    const length = space < 0 ? NaN : decimal(content.toString('latin1', at, space));
    const record = content.toString('utf8', space + 1, at + length);
    const [, key, value] = /^([^=]+)=([^]*)\n$/.exec(record) ?? [];
    if (key === undefined || value === undefined || at + length > content.length) {
      throw new Error('it has a pax header that cannot be read');
    }
    const isOurs = ['path', 'linkpath', 'size'].includes(key);
    if (
      records.has(key) ||
      key.startsWith('GNU.sparse') ||
      (isOurs && (value === '' || value.includes('\0')))
    ) {
      throw new Error(`it has a pax header that readers read in two ways: ${key.slice(0, 40)}`);
    }
    records.set(key, value);
    at += length;
  }
  return records;
}

function numberOf(field: Buffer): number {
  if (field[0]! < 0x80) return octal(field);
  const value = BigInt(`0x${field.toString('hex', 1)}`);
  if (field[0] !== 0x80 || value > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw new Error('it has a number that is too large');
  }
  return Number(value);
}

function octal(field: Buffer): number {
  const [, digits] = /^ *([0-7]*)[ \0]*$/.exec(field.toString('latin1')) ?? [];
  if (digits === undefined) throw new Error('it has an invalid number');
  return digits === '' ? 0 : parseInt(digits, 8);
}

function decimal(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new Error('it has an invalid number');
  return Number(text);
}

function textOf(field: Buffer): string {
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end < 0 ? field.length : end);
}

/** The bytes of a stream, in the pieces that are asked for. */
class Bytes {
  private readonly source: AsyncIterator<Buffer>;
  private rest: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>) {
    this.source = source[Symbol.asyncIterator]();
  }

  /** So many, or what there is. */
  public async take(count: number): Promise<Buffer> {
    const pieces: Buffer[] = [];
    for (let left = count; left > 0;) {
      const piece = await this.some(left);
      if (piece === undefined) break;
      pieces.push(piece);
      left -= piece.length;
    }
    return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
  }

  public async padded(size: number): Promise<Buffer> {
    const content = await this.take(size);
    if (content.length < size) throw new Error('it ends in the middle of an entry');
    await this.skipPadding(size);
    return content;
  }

  public content(size: number): AsyncIterable<Buffer> {
    let left = size;
    const next = async (): Promise<Buffer | undefined> => {
      if (left === 0) return undefined;
      const piece = await this.some(left);
      if (piece === undefined) throw new Error('it ends in the middle of an entry');
      left -= piece.length;
      return piece;
    };
    return {
      async *[Symbol.asyncIterator]() {
        for (let piece = await next(); piece !== undefined; piece = await next()) yield piece;
      },
    };
  }

  public async skipPadding(size: number): Promise<void> {
    const padding = (BLOCK - (size % BLOCK)) % BLOCK;
    if ((await this.take(padding)).length < padding) throw new Error('it ends in the middle of an entry');
  }

  /** Some readers stop at the first empty block, and others go on. */
  public async expectNothing(): Promise<void> {
    let length = 0;
    for (let piece = await this.some(Infinity); piece !== undefined; piece = await this.some(Infinity)) {
      if (!piece.every(byte => byte === 0)) throw new Error('it goes on after its end');
      length += piece.length;
    }
    if (length % BLOCK !== 0) throw new Error('it ends in the middle of a block');
  }

  private async some(most: number): Promise<Buffer | undefined> {
    while (this.rest.length === 0) {
      const { value, done } = await this.source.next();
      if (done === true) return undefined;
      this.rest = value;
    }
    const piece = this.rest.subarray(0, most);
    this.rest = this.rest.subarray(piece.length);
    return piece;
  }
}
