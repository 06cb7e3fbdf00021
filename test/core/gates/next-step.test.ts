import * as fc from 'fast-check';
import { rulesOfDeployment, rulesOfService, type GateRules } from '../../../src/core/gates/gate-rules';
import type { LookedAt, Refusal } from '../../../src/core/gates/looked-at';
import { nextStep, type Known, type Rollback, type Step } from '../../../src/core/gates/next-step';
import { newRow } from '../../../src/core/register/row';
import { refused, type Reason } from '../../../src/core/trust/refusal';
import { grant } from '../support/grants';
import { IMAGE, minutes, NOW } from '../support/made';

const of = 'an image';
const row = newRow(IMAGE);
const refuse = (reason: Reason, wasTrusted: boolean): Refusal => ({
  of,
  image: IMAGE,
  row: { ...row, ...(wasTrusted && { wasTrusted }) },
  refused: refused(IMAGE, reason),
});
const granted = (isUseRecorded: boolean): Refusal => ({
  ...refuse('FAILED', false),
  grant: { found: grant(), isUseRecorded, note: 'there is a grant' },
});

/** What an image may come to. `soon`: its refusal may end by itself. `once`: it was trusted once. */
const IMAGES = {
  trusted: { of, allowed: 'TRUSTED' },
  listed: { of, allowed: 'ON_THE_LIST' },
  granted: granted(false),
  recorded: granted(true),
  final: refuse('TAG_NOT_DIGEST', false),
  finalOnce: refuse('NO_IMAGE', true),
  soon: refuse('NO_STATEMENT', false),
  soonOnce: refuse('NO_STATEMENT', true),
} as const satisfies Record<string, LookedAt>;
type Kind = keyof typeof IMAGES;
const KINDS = Object.keys(IMAGES) as Kind[];
const REFUSED: readonly Kind[] = ['final', 'finalOnce', 'soon', 'soonOnce'];

const ROLLBACKS: readonly Rollback[] = ['NO', 'YES', 'UNKNOWN', 'NOT_ASKED'];
const ENFORCEMENTS = ['REFUSE', 'AUDIT'] as const;
const LAST_LOOK = [false, true] as const;
const RULES: Record<string, (enforcement: GateRules['enforcement'], isLastLook: boolean) => GateRules> = {
  service: rulesOfService,
  deployment: (enforcement, isLastLook) =>
    rulesOfDeployment({
      enforcement,
      requestedAt: NOW,
      now: minutes(isLastLook ? 60 : 1),
      waitSeconds: 3300,
    }),
};

/** `a`dmit, by an `A`udit, by a roll`B`ack, `w`ait for trust, `W`ait for a word on the rollback, `r`efuse. */
function letter(step: Step): string {
  switch (step.step) {
    case 'admit':
      return step.anyway === undefined ? 'a' : { AUDIT: 'A', ROLLBACK: 'B' }[step.anyway];
    case 'look again':
      return { TRUST: 'w', ROLLBACK: 'W' }[step.waitsFor];
    case 'refuse':
      return 'r';
    case 'ask about the rollback':
      return '?';
    case 'record the uses':
      return 'u';
  }
}

/** Four looks: one that refuses and the last one that does, then the same two of an audit. */
const looks = (gate: string, images: readonly LookedAt[], rollback: Rollback) =>
  ENFORCEMENTS.flatMap(enforcement =>
    LAST_LOOK.map(isLast => letter(nextStep({ images, rollback }, RULES[gate]!(enforcement, isLast)))),
  ).join('');

const ALWAYS = (step: string) => [step, step, step, step];
/** For no rollback, a rollback, an unknown one, and one that nobody asked about yet. */
const ONE: Record<string, Record<Kind, readonly string[]>> = {
  service: {
    trusted: ALWAYS('aaaa'),
    listed: ALWAYS('aaaa'),
    granted: ALWAYS('uuuu'),
    recorded: ALWAYS('aaaa'),
    final: ALWAYS('rrAA'),
    finalOnce: ['rrAA', 'BBBB', 'WrWA', '??AA'],
    soon: ALWAYS('wrwA'),
    soonOnce: ['wrwA', 'BBBB', 'WrWA', '??wA'],
  },
  deployment: {
    trusted: ALWAYS('aaaa'),
    listed: ALWAYS('aaaa'),
    granted: ALWAYS('uuuu'),
    recorded: ALWAYS('aaaa'),
    final: ['rrAA', 'BBBB', 'BBBB', '??AA'],
    finalOnce: ['rrAA', 'BBBB', 'BBBB', '??AA'],
    soon: ['wrwA', 'BBBB', 'BBBB', '??wA'],
    soonOnce: ['wrwA', 'BBBB', 'BBBB', '??wA'],
  },
};

/** Of two that are refused. A `TrustedImage` asks about one. */
const TWO: readonly (readonly [Kind, Kind, readonly string[]])[] = [
  ['final', 'final', ALWAYS('rrAA')],
  ['final', 'finalOnce', ALWAYS('rrAA')],
  ['final', 'soon', ALWAYS('rrAA')],
  ['final', 'soonOnce', ALWAYS('rrAA')],
  ['finalOnce', 'finalOnce', ['rrAA', 'BBBB', 'WrWA', '??AA']],
  ['finalOnce', 'soon', ['rrAA', 'wrwA', 'WrWA', '?rAA']],
  ['finalOnce', 'soonOnce', ['rrAA', 'BBBB', 'WrWA', '??AA']],
  ['soon', 'soon', ALWAYS('wrwA')],
  ['soon', 'soonOnce', ['wrwA', 'wrwA', 'WrWA', '?rwA']],
  ['soonOnce', 'soonOnce', ['wrwA', 'BBBB', 'WrWA', '??wA']],
];

describe('the one decision of every gate (0016, 0040)', () => {
  test.each(Object.keys(RULES).flatMap(gate => KINDS.map(kind => [gate, kind, ONE[gate]![kind]] as const)))(
    'of a %s about an image that is %s',
    (gate, kind, expected) => {
      expect(ROLLBACKS.map(rollback => looks(gate, [IMAGES[kind]], rollback))).toEqual(expected);
    },
  );

  test.each(TWO)(
    'of a service about one that is %s and one that is %s, in either order',
    (one, other, expected) => {
      for (const images of [
        [IMAGES[one], IMAGES[other]],
        [IMAGES[other], IMAGES[one]],
      ]) {
        expect(ROLLBACKS.map(rollback => looks('service', images, rollback))).toEqual(expected);
      }
    },
  );

  test.each(REFUSED)(
    'what may run beside one that is %s changes nothing; a grant beside it is used first',
    kind => {
      for (const beside of ['trusted', 'listed', 'recorded'] as const) {
        expect(ROLLBACKS.map(each => looks('service', [IMAGES[beside], IMAGES[kind]], each))).toEqual(
          ONE.service![kind],
        );
      }
      expect(ROLLBACKS.map(each => looks('service', [IMAGES.granted, IMAGES[kind]], each))).toEqual(
        ONE.service![kind].map(each => each.replace(/[AB]/g, 'u')),
      );
    },
  );

  test('there is nothing to refuse where there is no image', () => {
    expect(ROLLBACKS.map(rollback => looks('service', [], rollback))).toEqual(ALWAYS('aaaa'));
  });
});

describe('rule 5.7, fail closed: whatever a gate is told, and of however many images', () => {
  const kinds = fc.array(fc.constantFrom(...KINDS), { maxLength: 12 });
  const known = kinds.chain(names =>
    fc
      .constantFrom(...ROLLBACKS)
      .map((rollback): Known => ({ images: names.map(each => IMAGES[each]), rollback })),
  );
  const rules = fc
    .tuple(fc.constantFrom(...Object.keys(RULES)), fc.constantFrom(...ENFORCEMENTS), fc.boolean())
    .map(([gate, enforcement, isLast]) => RULES[gate]!(enforcement, isLast));
  const isRefused = (each: LookedAt): each is Refusal => !('allowed' in each) && each.grant === undefined;

  test('what is refused runs by an audit or a rollback and by nothing else, and no grant counts before its use is recorded', () => {
    fc.assert(
      fc.property(known, rules, ({ images, rollback }, by) => {
        const step = nextStep({ images, rollback }, by);
        if (step.step !== 'admit') return;
        expect(images).not.toContain(IMAGES.granted);
        const refusals = images.filter(isRefused);
        if (refusals.length === 0) return expect(step.anyway).toBeUndefined();
        if (step.anyway === 'AUDIT') return expect(by.enforcement).toBe('AUDIT');
        expect(step.anyway).toBe('ROLLBACK');
        const isService = by.rememberedIn === 'REGISTER';
        expect(isService ? ['YES'] : ['YES', 'UNKNOWN']).toContain(rollback);
        if (isService) expect(refusals.filter(each => each.row?.wasTrusted !== true)).toEqual([]);
      }),
    );
  });

  test('one more image that is refused admits nothing', () => {
    fc.assert(
      fc.property(known, rules, fc.constantFrom(...REFUSED), ({ images, rollback }, by, kind) => {
        const before = nextStep({ images, rollback }, by).step;
        const after = nextStep({ images: [...images, IMAGES[kind]], rollback }, by);
        if (after.step === 'admit' && before !== 'admit') expect(after.anyway).toBeDefined();
        if (before === 'refuse') expect(after.step).toBe('refuse');
      }),
    );
  });

  test('every step leads to an answer, and the last look to no other look', () => {
    fc.assert(
      fc.property(
        known,
        rules,
        fc.constantFrom('YES', 'NO', 'UNKNOWN'),
        fc.boolean(),
        (given, by, said, fails) => {
          let now: Known = given;
          for (let steps = 0; steps < 4; steps++) {
            const { step } = nextStep(now, by);
            if (step === 'ask about the rollback') {
              now = { ...now, rollback: said as Rollback };
            } else if (step === 'record the uses') {
              now = { ...now, images: now.images.map(each => used(each, fails)) };
            } else {
              return expect(step === 'look again' && by.isLastLook).toBe(false);
            }
          }
          throw new Error('no answer');
        },
      ),
    );
  });

  function used(looked: LookedAt, fails: boolean): LookedAt {
    if ('allowed' in looked || looked.grant === undefined) return looked;
    const { grant: found, ...refusal } = looked;
    return fails ? refusal : { ...refusal, grant: { ...found, isUseRecorded: true } };
  }
});
