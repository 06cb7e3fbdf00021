import * as fc from 'fast-check';
import {
  capacityOf,
  keepSlot,
  NO_SLOTS,
  refuseSlot,
  releaseSlot,
  ScanSlots,
  takeSlot,
  type WantedSlot,
} from '../../../src/core/register/scan-slots';
import { Priority } from '../../../src/core/scanning/priority';
import { priorityOf, requestFor, type ScanRequest } from '../../../src/core/scanning/scan-request';
import { DIGEST, IMAGE, minutes, NOW, scanId } from '../support/made';

const LIMITS = { scans: 4, perRepository: 2 };

function wanted(number: number, priority: Priority = 'push', repository = `app-${number}`): WantedSlot {
  const image = `${IMAGE.replace('/app@', `/${repository}@`).slice(0, -64)}${String(number).padStart(64, '0')}`;
  const digest = image.slice(-71);
  const request = requestFor(image, digest, 'retry', NOW, priority);
  return { request, scanId: scanId(number), waitSeconds: 10 };
}

function takenBy(slots: ScanSlots, ...all: readonly WantedSlot[]): ScanSlots {
  return all.reduce((current, each) => takeSlot(current, LIMITS, each, NOW).slots, slots);
}

function line({ line: waiting }: ScanSlots): string[] {
  return waiting.map(({ image }) => String(Number(image.slice(-64))));
}

test('DIGEST is of the length that the images here have', () => {
  expect(DIGEST).toHaveLength(71);
});

describe('how long a scan keeps its slot', () => {
  const took = (slots: ScanSlots, number: number, ended: number) =>
    releaseSlot(slots, scanId(number), false, minutes(ended)).slots;

  test('is what the first one took, then an average that one slow scan hardly changes', () => {
    const two = takenBy(NO_SLOTS, wanted(1), wanted(2));
    expect(two.scanSeconds).toBeUndefined();
    const first = took(two, 1, 2);
    expect(first.scanSeconds).toBe(120);
    expect(took(first, 2, 4).scanSeconds).toBe(126);
  });

  test('is not changed by a scan that has no slot, and stays when another one starts', () => {
    const first = took(takenBy(NO_SLOTS, wanted(1)), 1, 1);
    expect(releaseSlot(first, 'unknown', false, minutes(9)).slots.scanSeconds).toBe(60);
    expect(takenBy(first, wanted(3)).scanSeconds).toBe(60);
    expect(ScanSlots.parse(first).scanSeconds).toBe(60);
  });
});

describe('what CodeBuild was found to take', () => {
  test('is the capacity, and one more after each ten minutes, up to what was asked for', () => {
    const slots = { ...NO_SLOTS, limits: LIMITS, measured: { builds: 1, at: NOW.toISOString() } };
    expect([0, 9.9, 10, 20, 30, 1000].map(after => capacityOf(slots, minutes(after)))).toEqual([
      1, 1, 2, 3, 4, 4,
    ]);
    expect(capacityOf(slots, minutes(-5))).toBe(1);
    expect(capacityOf({ ...NO_SLOTS, limits: LIMITS }, NOW)).toBe(4);
  });

  test('is what ran when it refused a build, and never none', () => {
    const two = takenBy(NO_SLOTS, wanted(1), wanted(2), wanted(3));
    expect(refuseSlot(two, wanted(3), NOW).slots).toMatchObject({ measured: { builds: 2 } });
    const one = takenBy(NO_SLOTS, wanted(1));
    expect(refuseSlot(one, wanted(1), NOW).slots).toMatchObject({
      measured: { builds: 1 },
      scans: {},
      line: [{ image: wanted(1).request.image }],
    });
  });

  test('is half of what ran when a build was kept waiting, once for all that were started before', () => {
    const four = takenBy(NO_SLOTS, ...[1, 2, 3, 4].map(number => wanted(number)));
    const first = releaseSlot(four, scanId(1), true, minutes(3)).slots;
    expect(first.measured).toEqual({ builds: 2, at: minutes(3).toISOString() });
    expect(releaseSlot(first, scanId(2), true, minutes(3)).slots.measured).toEqual(first.measured);
    expect(releaseSlot(four, 'unknown', true, minutes(3)).slots).not.toHaveProperty('measured');
  });
});

describe('a slot', () => {
  test('lasts for the time of dispatch, and as long as its lease once the build has started', () => {
    const taken = takenBy(NO_SLOTS, wanted(1));
    expect(taken.scans[scanId(1)]).toMatchObject({ until: minutes(5).toISOString(), leavesShare: false });
    const { slots } = keepSlot(taken, wanted(1), minutes(50).toISOString(), NOW);
    expect(Object.keys(releaseSlot(slots, 'x', false, minutes(49)).slots.scans)).toEqual([scanId(1)]);
    expect(releaseSlot(slots, 'x', false, minutes(50)).slots.scans).toEqual({});
  });

  test('that ended before its build started is a slot again', () => {
    const { slots } = keepSlot(NO_SLOTS, wanted(1), minutes(50).toISOString(), minutes(6));
    expect(Object.keys(slots.scans)).toEqual([scanId(1)]);
  });
});

test('rule 4.12, turns: whatever other apps request, a quarter of the scans is left to pushes and to deployments of the own app', () => {
  const flood = takenBy(NO_SLOTS, ...[1, 2, 3, 4, 5].map(number => wanted(number, 'importer')));
  expect(Object.keys(flood.scans)).toEqual([1, 2, 3].map(scanId));
  for (const own of [wanted(6, 'push'), wanted(6, 'request')]) {
    expect(takeSlot(flood, LIMITS, own, NOW).refused).toBeUndefined();
  }
  // renewals and old images share the rest with them
  expect(takeSlot(flood, LIMITS, wanted(6, 'renewal'), NOW).refused).toBeDefined();
});

describe('the line', () => {
  const full = takenBy(NO_SLOTS, ...[1, 2, 3, 4].map(number => wanted(number)));

  test('is by priority, then by age; old images are not in it', () => {
    const older = { ...wanted(7), request: { ...wanted(7).request, at: minutes(-1).toISOString() } };
    const slots = takenBy(
      full,
      wanted(9, 'enrolment'),
      wanted(8, 'renewal'),
      wanted(5),
      older,
      wanted(6, 'request'),
    );
    expect(line(slots)).toEqual(['6', '7', '5', '8']);
  });

  test('has deployments of other apps behind those of the own app, and before pushes', () => {
    const slots = takenBy(full, wanted(7), wanted(5, 'importer'), wanted(6, 'request'));
    expect(line(slots)).toEqual(['6', '5', '7']);
  });

  test('keeps its order whoever asks first: of equals, always the same one is first', () => {
    const [one, other] = [wanted(5), wanted(6)];
    expect(line(takenBy(full, one, other))).toEqual(line(takenBy(full, other, one, other)));
  });

  test('has one place for an image, by its most urgent request', () => {
    const slots = takenBy(full, wanted(5, 'request'), wanted(6), wanted(5, 'renewal'));
    expect(line(slots)).toEqual(['5', '6']);
    expect(priorityOf(slots.line[0]!)).toBe('request');
  });

  test('is left by who does not come back, with a minute of grace', () => {
    const slots = takenBy(full, wanted(5));
    expect(line(releaseSlot(slots, 'x', false, minutes(1)).slots)).toEqual(['5']);
    expect(line(releaseSlot(slots, 'x', false, minutes(1.2)).slots)).toEqual([]);
  });

  test('has no more places for a repository than scans, and 30 in all', () => {
    const flood = takenBy(full, ...[10, 11, 12, 13].map(number => wanted(number, 'push', 'flood')));
    expect(line(flood)).toEqual(['10', '11']);
    const many = takenBy(full, ...Array.from({ length: 50 }, (_, number) => wanted(100 + number)));
    expect(many.line).toHaveLength(30);
  });

  test('is told of its turn when a slot is free, and has a minute for it', () => {
    const slots = takenBy(full, wanted(5), wanted(6));
    const { turn, slots: after } = releaseSlot(slots, scanId(1), false, NOW);
    expect(turn).toEqual([wanted(5).request]);
    expect(takeSlot(after, LIMITS, wanted(6), NOW).refused).toBe(
      '3 of 4 scans are under way; before it in line: 1',
    );
    expect(takeSlot(after, LIMITS, wanted(6), minutes(1.1)).refused).toBeUndefined();
  });
});

/** Asks, starts, ends, refusals and time, in any order. */
test('rule 4.12, turns: there are never more scans than allowed, and nobody is overtaken by who comes after', () => {
  const step = fc.record({
    what: fc.constantFrom('ask', 'ask', 'ask', 'end', 'end', 'refuse', 'queued', 'pass'),
    number: fc.nat(11),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), steps => {
      let slots: ScanSlots = NO_SLOTS;
      let now = NOW;
      const asked = (number: number) =>
        wanted(number, Priority.options[number % Priority.options.length]!, `repository-${number % 3}`);
      for (const { what, number } of steps) {
        const running = Object.keys(slots.scans);
        const ended = running[number % Math.max(1, running.length)];
        if (what === 'pass') {
          now = new Date(now.getTime() + number * 60_000);
        } else if (what === 'ask' && !running.includes(scanId(number))) {
          slots = ask(slots, asked(number), now);
        } else if (what === 'refuse' && ended !== undefined) {
          slots = refuseSlot(slots, asked(Number(ended.slice(-8))), now).slots;
        } else if (ended !== undefined) {
          const freed = releaseSlot(slots, ended, what === 'queued', now);
          slots = freed.slots;
          // whose turn it is gets a slot, all of them
          for (const request of freed.turn) {
            const { refused } = takeSlot(slots, LIMITS, { ...asked(numberOf(request)), request }, now);
            expect(refused).toBeUndefined();
          }
        }
        expect(ScanSlots.parse(slots)).toEqual(slots);
      }
    }),
    { numRuns: 300 },
  );
});

function ask(slots: ScanSlots, each: WantedSlot, now: Date): ScanSlots {
  const before = capacityOf({ ...slots, limits: LIMITS }, now);
  const { slots: after, refused } = takeSlot(slots, LIMITS, each, now);
  if (refused !== undefined) return after;
  const scans = Object.values(after.scans);
  expect(scans.length).toBeLessThanOrEqual(before);
  for (const { repository } of scans) {
    expect(scans.filter(scan => scan.repository === repository).length).toBeLessThanOrEqual(2);
  }
  const ofNobody = scans.filter(({ leavesShare }) => leavesShare).length;
  if (after.scans[each.scanId]!.leavesShare && before > 1) expect(ofNobody).toBeLessThan(before);
  // everyone in line who is more urgent and could start would still get a slot
  for (const other of after.line) {
    if (Priority.options.indexOf(priorityOf(other)) >= Priority.options.indexOf(priorityOf(each.request))) {
      continue;
    }
    const alone = { ...after, line: [] };
    const without = { ...alone, scans: { ...alone.scans } };
    delete without.scans[each.scanId];
    const fitsWithout = takeSlot(without, LIMITS, { ...each, scanId: 'o', request: asRequest(other) }, now);
    const fitsBeside = takeSlot(alone, LIMITS, { ...each, scanId: 'o', request: asRequest(other) }, now);
    if (fitsWithout.refused === undefined) expect(fitsBeside.refused).toBeUndefined();
  }
  return after;
}

function asRequest({ until: _until, ...rest }: ScanSlots['line'][number]): ScanRequest {
  return rest;
}

function numberOf({ image }: ScanRequest): number {
  return Number(image.slice(-64));
}
