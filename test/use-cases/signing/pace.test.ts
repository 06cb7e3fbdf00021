import * as fc from 'fast-check';
import { Pace } from '../../../use-cases/signing/pace';

const PER_SECOND = 1.5;
const COPIES = 2;

/** Time stands still until everybody waits for it; then it goes on to whoever is next. */
class Clock {
  public now = 0;
  private readonly sleepers: { readonly at: number; wake(): void }[] = [];

  public readonly read = (): number => this.now;
  public readonly wait = (ms: number): Promise<void> =>
    new Promise(wake => this.sleepers.push({ at: this.now + ms, wake }));

  public async run(until = Infinity): Promise<void> {
    for (;;) {
      await new Promise(setImmediate);
      this.sleepers.sort((a, b) => a.at - b.at);
      const [next] = this.sleepers;
      if (next === undefined || next.at > until) {
        if (until !== Infinity) this.now = until;
        return;
      }
      this.sleepers.shift();
      this.now = Math.max(this.now, next.at);
      next.wake();
    }
  }
}

interface Put {
  readonly at: number;
  readonly turns: number;
}

/** Images that come at these times to one of two copies of the signer, with so many manifests each. */
async function puts(
  images: readonly { readonly copy: number; readonly afterMs: number; readonly turns: number }[],
): Promise<Put[]> {
  const clock = new Clock();
  const paces = Array.from({ length: COPIES }, () => new Pace(PER_SECOND, clock.read, clock.wait));
  const done: Put[] = [];
  const work: Promise<void>[] = [];
  for (const { copy, afterMs, turns } of images) {
    await clock.run(clock.now + afterMs);
    work.push(
      paces[copy]!.take(turns).then(() => {
        done.push({ at: clock.now, turns });
      }),
    );
  }
  await clock.run();
  await Promise.all(work);
  return done.sort((a, b) => a.at - b.at);
}

function sum(all: readonly { readonly turns: number }[]): number {
  return all.reduce((total, { turns }) => total + turns, 0);
}

test('the first turn is at once; who comes meanwhile waits for its turn, in order', async () => {
  expect(await puts([2, 2, 1, 2].map(turns => ({ copy: 0, afterMs: 0, turns })))).toEqual(
    [
      { at: 0, turns: 2 },
      { at: 2000 / PER_SECOND, turns: 2 },
      { at: 4000 / PER_SECOND, turns: 1 },
      { at: 5000 / PER_SECOND, turns: 2 },
    ].map(put => ({ ...put, at: expect.closeTo(put.at, 5) })),
  );
});

test('time in which nobody came is not saved up', async () => {
  const [, second, third] = await puts([0, 60_000, 0].map(afterMs => ({ copy: 0, afterMs, turns: 2 })));
  expect([second!.at, third!.at]).toEqual([60_000, expect.closeTo(60_000 + 2000 / PER_SECOND, 5)]);
});

test('whatever comes when, two copies together put 3 manifests a second on average, and what is put at once is one image each', async () => {
  const image = fc.record({
    copy: fc.nat(COPIES - 1),
    afterMs: fc.oneof(fc.constant(0), fc.nat(3000)),
    turns: fc.constantFrom(2, 2, 2, 4),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(image, { minLength: 1, maxLength: 40 }), async images => {
      const all = await puts(images);
      const atOnce = COPIES * Math.max(...images.map(({ turns }) => turns));
      for (const first of all) {
        for (const last of all) {
          const seconds = (last.at - first.at) / 1000;
          if (seconds < 1) continue;
          const count = sum(all.filter(({ at }) => at >= first.at && at <= last.at));
          expect(count).toBeLessThanOrEqual(COPIES * PER_SECOND * seconds + atOnce + 1e-6);
        }
      }
      const inAnySecond = Math.max(
        ...all.map(({ at: from }) => sum(all.filter(({ at }) => at >= from && at < from + 1000))),
      );
      expect(inAnySecond).toBeLessThanOrEqual(10); // what Amazon ECR takes of an account
      expect(sum(all)).toBe(sum(images));
    }),
    { numRuns: 60 },
  );
});
