import { readCapped } from '../../adapters/capped-body';

/** Gives out chunks for as long as somebody reads. */
class Body {
  public given = 0;
  public isClosed = false;

  constructor(private readonly chunks: Iterable<string>) {}

  public async *[Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    try {
      for (const chunk of this.chunks) {
        this.given += 1;
        yield Buffer.from(chunk);
      }
    } finally {
      this.isClosed = true;
    }
  }
}

function* endless(chunk: string): Iterable<string> {
  for (;;) yield chunk;
}

test('what is within the cap is read whole', async () => {
  expect((await readCapped(new Body(['ab', '', 'cd']), 4))?.toString()).toBe('abcd');
  expect((await readCapped(new Body([]), 0))?.toString()).toBe('');
});

test('one byte more is too much', async () => {
  expect(await readCapped(new Body(['ab', 'cde']), 4)).toBeUndefined();
});

test('a body without end is read to the cap and no further, and its connection is closed', async () => {
  const body = new Body(endless('x'.repeat(1000)));
  expect(await readCapped(body, 4500)).toBeUndefined();
  expect(body).toMatchObject({ given: 5, isClosed: true });
});

test('a body that breaks off is an error, and not what came of it', async () => {
  function* breaking(): Iterable<string> {
    yield 'ab';
    throw new Error('the connection was reset');
  }
  await expect(readCapped(new Body(breaking()), 100)).rejects.toThrow('the connection was reset');
});
