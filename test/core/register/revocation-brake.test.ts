import * as fc from 'fast-check';
import { Limit } from '../../../src/core/limits';
import {
  askBrake,
  BrakeState,
  NO_BRAKE,
  NONE_PASSED,
  PassedImages,
  pulledNow,
  releasedNow,
  withFailed,
  withPassed,
  withRelease,
} from '../../../src/core/register/revocation-brake';
import { minutes, NOW, scanId } from '../support/made';

const DAY = 24 * 60;
const ASKED = '1.eu/asked';
const RELEASE = {
  releaseId: scanId(99),
  releasedBy: 'arn:aws:iam::1:role/a',
  justification: 'x',
  ticket: 'y',
};

/** So many images pass, as reconcile counted now. */
const passing = (images: number): PassedImages => ({
  repositories: { '1.eu/a': { images, at: NOW.toISOString() } },
});

/** So many images of each repository failed, each a minute after the one before. */
function failed(counts: Record<string, number>, from = NOW): BrakeState {
  let state = NO_BRAKE;
  let id = 0;
  for (const [repository, count] of Object.entries(counts)) {
    for (let each = 0; each < count; each++) {
      state = withFailed(state, { repository, verdictId: scanId(++id) }, minutes(id, from));
    }
  }
  return state;
}

const ask = (state: BrakeState, passed = passing(20), now = minutes(20), percent = 20) =>
  askBrake(state, { repository: ASKED, percent, passed }, now);

describe('the brake is pulled (rule 5.13, the brake)', () => {
  test('by more than the share of the trusted images, and says so', () => {
    const { pulled, state } = ask(failed({ a: 3, b: 3 }));
    expect(pulled).toEqual({
      at: minutes(20).toISOString(),
      until: minutes(20 + DAY).toISOString(),
      because:
        'more than 20 % of the trusted images failed policy within an hour: 6 images of 2 other repositories, while 20 images pass',
    });
    expect(pulledNow(state, minutes(21))).toEqual(pulled);
    expect(BrakeState.parse(JSON.parse(JSON.stringify(state)))).toEqual(state);
  });

  test.each([
    ['not more than the share', failed({ a: 3, b: 2 }), passing(20)],
    ['fewer than five images', failed({ a: 2, b: 2 }), passing(1)],
    ['images of one other repository', failed({ a: 50 }), passing(20)],
    ['images of its own repository', failed({ [ASKED]: 50, a: 50 }), passing(20)],
    ['failures that nobody counted', NO_BRAKE, passing(20)],
    ['trusted images that nobody counted', failed({ a: 5, b: 5 }), NONE_PASSED],
    [
      'a count of trusted images that is a day old',
      failed({ a: 5, b: 5 }),
      { repositories: { a: { images: 9, at: minutes(-DAY).toISOString() } } },
    ],
    [
      'a count of trusted images that is not whole',
      failed({ a: 5, b: 5 }),
      { ...passing(9), tooManyAt: NOW.toISOString() },
    ],
  ])('not by %s', (_, state, passed) => {
    const asked = ask(state, passed);
    expect(asked.pulled).toBeUndefined();
    expect(asked.state.pulled).toBeUndefined();
  });

  test('late rather than early: who failed counts as passing too, until reconcile has counted again', () => {
    const ten = failed({ a: 5, b: 5 });
    expect(ask(ten, passing(10), minutes(20), 50).pulled).toBeUndefined();
    expect(ask(ten, passing(9), minutes(20), 50).pulled).toBeDefined();
    expect(ask(failed({ a: 10, b: 10 }), passing(100)).pulled).toBeUndefined();
    expect(ask(failed({ a: 10, b: 16 }), passing(100), minutes(30)).pulled).toBeDefined();
  });

  test('for others, and yet not for the repository that fails most', () => {
    const state = failed({ [ASKED]: 8, a: 1, b: 1 });
    expect(ask(state).pulled).toBeUndefined();
    const others = askBrake(state, { repository: 'c', percent: 20, passed: passing(20) }, minutes(20));
    expect(others.pulled).toBeDefined();
    expect(ask(others.state).pulled).toBeUndefined();
  });

  test('within an hour from the first failure: later ones begin a new hour', () => {
    const state = failed({ a: 3, b: 3 });
    expect(ask(state, undefined, minutes(60)).pulled).toBeDefined();
    expect(ask(state, undefined, minutes(61)).pulled).toBeUndefined();
    const next = withFailed(state, { repository: 'c', verdictId: scanId(50) }, minutes(61));
    expect(next).toMatchObject({ since: minutes(61).toISOString(), failed: { c: 1 } });
  });

  test('and then holds for a day, and no pull makes it longer', () => {
    let { state, pulled } = ask(failed({ a: 3, b: 3 }));
    const { until } = pulled!;
    for (const later of [60, 600, DAY + 19]) {
      ({ state, pulled } = ask(state, passing(20), minutes(later)));
      expect(pulled?.until ?? until).toBe(until);
    }
    expect(pulledNow(state, minutes(DAY + 19))).toBeDefined();
    expect(pulledNow(state, minutes(DAY + 20))).toBeUndefined();
  });
});

describe('a count', () => {
  test('is exact: the same verdict twice is one failure', () => {
    const one = { repository: 'a', verdictId: scanId(1) };
    expect(withFailed(withFailed(NO_BRAKE, one, NOW), one, minutes(1)).failed).toEqual({ a: 1 });
  });

  test('and bounded: of more repositories, the later ones are not counted', () => {
    const full = {
      ...NO_BRAKE,
      since: NOW.toISOString(),
      failed: Object.fromEntries(Array.from({ length: Limit.brakeRepositories }, (_, at) => [`r${at}`, 1])),
    };
    expect(withFailed(full, { repository: 'more', verdictId: scanId(1) }, minutes(1))).toEqual(full);
    expect(withFailed(full, { repository: 'r0', verdictId: scanId(1) }, minutes(1)).failed.r0).toBe(2);
    const many = failed({ a: Limit.brakeCounted + 20 });
    expect(many.counted.length).toBeLessThanOrEqual(Limit.brakeCounted);
  });

  test('of what passed is that of the last hour, and is not whole with too many repositories', () => {
    const first = withPassed(NONE_PASSED, { repository: 'a', images: 3 }, NOW);
    const second = withPassed(first, { repository: 'a', images: 4 }, minutes(60));
    expect(second.repositories).toEqual({ a: { images: 4, at: minutes(60).toISOString() } });
    expect(withPassed(second, { repository: 'a', images: 0 }, minutes(60)).repositories).toEqual({});
    const full = {
      repositories: Object.fromEntries(
        Array.from({ length: Limit.passedRepositories }, (_, at) => [
          `r${at}`,
          { images: 1, at: NOW.toISOString() },
        ]),
      ),
    };
    const more = withPassed(full, { repository: 'more', images: 1 }, minutes(1));
    expect(more.tooManyAt).toBe(minutes(1).toISOString());
    expect(ask(failed({ a: 9, b: 9 }), more).pulled).toBeUndefined();
    expect(JSON.stringify(full).length).toBeLessThan(400_000);
  });
});

describe('a release', () => {
  const { state } = ask(failed({ a: 5, b: 5 }));

  test('ends the pull, says who and why, and for a day nothing is held', () => {
    const { state: after, release } = withRelease(state, RELEASE, minutes(30))!;
    expect(release).toMatchObject({ ...RELEASE, pulledAt: state.pulled!.at });
    expect(pulledNow(after, minutes(30))).toBeUndefined();
    const failing = failed({ a: 50, b: 50 }, minutes(30));
    const again = { ...failing, released: after.released };
    expect(ask(again, undefined, minutes(60)).pulled).toBeUndefined();
    expect(releasedNow(after, minutes(29 + DAY))).toEqual(release);
    expect(releasedNow(after, minutes(30 + DAY))).toBeUndefined();
  });

  test('of what holds nothing is none', () => {
    expect(withRelease(NO_BRAKE, RELEASE, NOW)).toBeUndefined();
    expect(withRelease(state, RELEASE, minutes(21 + DAY))).toBeUndefined();
  });
});

test('whatever happens in whatever order, the brake holds only what other repositories explain, for a day at most', () => {
  const step = fc.record({
    repository: fc.constantFrom('a', 'b', 'c', ASKED),
    does: fc.constantFrom('fails', 'fails', 'fails', 'asks', 'releases'),
    after: fc.integer({ min: 0, max: 200 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), steps => {
      let state = NO_BRAKE;
      let [time, id] = [0, 0];
      for (const { repository, does, after } of steps) {
        time += after;
        const now = minutes(time);
        if (does === 'fails') state = withFailed(state, { repository, verdictId: scanId(++id) }, now);
        if (does === 'releases') state = withRelease(state, RELEASE, now)?.state ?? state;
        if (does !== 'asks') continue;
        const passed = { repositories: { a: { images: 1, at: now.toISOString() } } };
        const asked = askBrake(state, { repository, percent: 20, passed }, now);
        state = asked.state;
        if (asked.pulled === undefined) continue;
        const others = Object.entries(state.failed).filter(([each]) => each !== repository);
        expect(others.reduce((sum, [, count]) => sum + count, 0)).toBeGreaterThanOrEqual(5);
        expect(Date.parse(asked.pulled.until) - now.getTime()).toBeLessThanOrEqual(DAY * 60_000);
        expect(releasedNow(state, now)).toBeUndefined();
      }
    }),
    { numRuns: 200 },
  );
});
