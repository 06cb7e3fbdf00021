import { gateAnswer, type GateAnswer } from '../../../src/core/gates/gate-answer';
import type { ImageToRun } from '../../../src/core/gates/image-to-run';
import type { ImageName } from '../../../src/core/image/image';
import { ok } from '../../../src/core/result';
import { AtOnce, Seconds } from '../../../src/core/times';
import type { BreakGlassPorts, GrantUse } from '../../../src/core/trust/break-glass';
import { decideForService, type ServiceQuestion } from '../../../use-cases/gates/decide-for-service';
import { grant, STACK_ID } from '../../core/support/grants';
import { World } from '../world';
import { ServiceGate, STATES, trusted, uriOf } from '../world/service-gate';

const making = Object.fromEntries(STATES.map(([state, , make]) => [state, make]));

let world: World;
let gate: ServiceGate;
let used: GrantUse[];
let recordUse: BreakGlassPorts['recordUse'];
/** Under an active grant. */
let granted: (ImageName | '*')[];
let grantsAnswer: Promise<void>;
let rollback: boolean | undefined;

beforeEach(() => {
  world = new World();
  world.signs = true;
  gate = new ServiceGate(world);
  [used, granted, grantsAnswer, rollback] = [[], [], Promise.resolve(), false];
  recordUse = async use => {
    used.push(use);
  };
});

async function ask(images: readonly string[], changes: Partial<ServiceQuestion> = {}): Promise<GateAnswer> {
  const rows = granted.map(image => {
    const expiresAt = new Date(world.now.getTime() + 3_600_000).toISOString();
    return grant({ image, grantedAt: world.now.toISOString(), expiresAt });
  });
  const question: ServiceQuestion = {
    subject: 'the stack',
    scope: STACK_ID,
    isLastLook: true,
    showsReason: true,
    images: async () => ok(images.map((reference, at): ImageToRun => ({ of: `image ${at + 1}`, reference }))),
    isRollback: async () => rollback,
    ...changes,
  };
  const context = {
    ...gate.context(),
    breakGlass: {
      grants: async (key: string) => {
        await grantsAnswer;
        return rows.filter(({ pk }) => pk === key);
      },
      recordUse: (use: GrantUse) => recordUse(use),
    },
  };
  return gateAnswer(await decideForService(question, context), context.evidenceBucket);
}

const image = (state: string) => making[state]!(world, `team/${state}`);
const throttled = () =>
  Promise.reject(Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' }));

describe('rule 5.7, fail closed: a rollback puts back what was trusted once, and nothing of which nobody knows', () => {
  beforeEach(() => {
    rollback = true;
  });

  test.each<[string, string, () => Partial<ServiceQuestion>]>([
    [
      'the register throttles',
      'ThrottlingException',
      () => {
        gate.load = throttled;
        return {};
      },
    ],
    [
      'the register does not answer in time',
      'no decision within 15 seconds',
      () => {
        gate.load = () => new Promise(() => undefined);
        gate.pause = async seconds => (seconds === 15 ? undefined : new Promise(() => undefined));
        return {};
      },
    ],
    ['the service does not say what runs', 'ThrottlingException', () => ({ images: throttled })],
  ])('%s', async (_, says, breaks) => {
    const name = uriOf(await image('unknown'));
    const changes = breaks();
    expect(await ask([name], { ...changes, isLastLook: false })).toMatchObject({ step: 'look again' });
    expect(await ask([name], changes)).toEqual({ step: 'refuse', says: expect.stringContaining(says) });
    expect(gate.reported).toMatchObject([{ outcome: 'refused' }]);
  });

  test('one that was trusted once waits for another that is not known yet, and does not take it along', async () => {
    const [revoked, other] = [await image('revoked'), await trusted(world, 'team/other')];
    const load = gate.load;
    gate.load = name => (name === other ? throttled() : load(name));
    const names = [revoked, other].map(uriOf);
    expect(await ask(names, { isLastLook: false })).toMatchObject({ step: 'look again' });
    expect(await ask(names)).toMatchObject({ step: 'refuse' });
    gate.load = load;
    expect(await ask(names)).toMatchObject({ step: 'admit', anyway: 'ROLLBACK' });
    rollback = false;
    gate.load = name => (name === other ? throttled() : load(name));
    expect(await ask(names, { isLastLook: false })).toMatchObject({ step: 'refuse' });
  });
});

describe('rule 5.11, break-glass: the use of a grant', () => {
  let failed: ImageName;
  beforeEach(async () => {
    failed = await image('failed');
    granted = [failed];
  });

  test('is recorded where every image is admitted', async () => {
    const good = uriOf(await trusted(world, 'team/good'));
    expect(await ask([good, uriOf(failed)])).toEqual({
      step: 'admit',
      says: expect.stringMatching(
        /^the other images are trusted; \S+team\/failed@\S+ is admitted by break-glass grant/,
      ),
    });
    expect(used).toMatchObject([{ image: failed, reason: 'FAILED' }]);
  });

  test('also while AWS KMS hangs, whatever the number of images', async () => {
    const names = await Promise.all(
      Array.from({ length: 12 }, async (_, at) => trusted(world, `team/app${at}`)),
    );
    granted = ['*'];
    gate.keys = () => new Promise(() => undefined);
    gate.pause = async seconds => (seconds === 5 ? undefined : new Promise(() => undefined));
    expect(await ask(names.map(uriOf))).toMatchObject({ step: 'admit' });
    expect(used).toHaveLength(12);
    expect(used[0]).toMatchObject({ reason: 'LOOKUP_FAILED' });
    granted = [];
    expect(await ask(names.map(uriOf))).toMatchObject({
      step: 'refuse',
      says: expect.stringContaining('no answer within 5 seconds'),
    });
  });

  test('is not recorded after the gate has refused: the function may go on with the next question', async () => {
    let answer!: () => void;
    grantsAnswer = new Promise(resolve => (answer = resolve));
    gate.pause = async seconds => (seconds === 15 ? undefined : new Promise(() => undefined));
    expect(await ask([uriOf(failed)])).toMatchObject({ step: 'refuse' });
    answer();
    await new Promise(setImmediate);
    expect(used).toEqual([]);
  });

  test('is not recorded for images whose turn comes after the refusal', async () => {
    const { gateImages } = AtOnce;
    const names = Array.from({ length: gateImages + 2 }, (_, at) =>
      uriOf(world.has('clean', [], `team/app${at}`)),
    );
    granted = ['*'];
    let isOver!: () => void;
    gate.pause = async seconds =>
      new Promise(resolve => {
        if (seconds === Seconds.gateDecides) isOver = resolve;
      });
    const recorded: (() => void)[] = [];
    recordUse = async () => {
      if (recorded.length + 1 === gateImages) isOver();
      await new Promise<void>(resolve => recorded.push(resolve));
    };
    expect(await ask(names)).toMatchObject({ step: 'refuse' });
    recorded.forEach(resolve => resolve());
    await new Promise(setImmediate);
    expect(recorded).toHaveLength(gateImages);
  });

  test('and nobody is asked about a rollback any more: the gate has refused', async () => {
    const revoked = uriOf(await image('revoked'));
    granted = [];
    let answer!: () => void;
    grantsAnswer = new Promise(resolve => (answer = resolve));
    gate.pause = async seconds =>
      seconds === Seconds.gateDecides ? undefined : new Promise(() => undefined);
    const isRollback = jest.fn(async () => true);
    expect(await ask([revoked], { isRollback })).toMatchObject({ step: 'refuse' });
    answer();
    await new Promise(setImmediate);
    expect(isRollback).not.toHaveBeenCalled();
  });

  test('in the log: until when the grant is active, and when the first trust ends where all are trusted', async () => {
    const [one, other] = [await trusted(world, 'team/one'), await trusted(world, 'team/two')];
    const ends = world.row(one).verdict!.validUntil;
    await ask([one, other].map(uriOf));
    expect(gate.said.at(-1)).toBe(`the stack is admitted: every image is trusted, until ${ends}`);
    world.pass(1);
    const later = await trusted(world, 'team/later');
    await ask([later, one].map(uriOf));
    expect(gate.said.at(-1)).toBe(`the stack is admitted: every image is trusted, until ${ends}`);
    granted = [failed];
    await ask([uriOf(one), uriOf(failed)]);
    const inAnHour = new Date(world.now.getTime() + 3_600_000).toISOString();
    expect(gate.said.at(-1)).toMatch(new RegExp(`grant \\S+ of .*, until ${inAnHour}$`));
  });

  test.each(['a tag beside it', 'another image beside it', 'what may be over soon beside it'])(
    'is not recorded where nothing is admitted: %s',
    async what => {
      const beside = {
        'a tag beside it': async () => 'nginx:latest',
        'another image beside it': async () => uriOf(await image('revoked')),
        'what may be over soon beside it': async () => {
          world.signs = false;
          return uriOf(await trusted(world, 'team/soon'));
        },
      }[what]!;
      const { step } = await ask([uriOf(failed), await beside()], { isLastLook: false });
      expect(step).not.toBe('admit');
      expect(used).toEqual([]);
    },
  );

  test.each<[string, () => void]>([
    ['an audit', () => (gate.enforcement = 'AUDIT')],
    ['a rollback', () => (rollback = true)],
  ])('is recorded where %s admits the others', async (_, goesOn) => {
    const revoked = uriOf(await image('revoked'));
    goesOn();
    expect(await ask([uriOf(failed), revoked])).toMatchObject({ step: 'admit', anyway: expect.any(String) });
    expect(used).toMatchObject([{ image: failed }]);
  });

  test.each([false, true])('that cannot be recorded admits nothing (in a rollback: %s)', async back => {
    rollback = back;
    recordUse = () => Promise.reject(new Error('the queue is gone'));
    const revoked = uriOf(await image('revoked'));
    expect(await ask(back ? [uriOf(failed), revoked] : [uriOf(failed)])).toEqual({
      step: 'refuse',
      says: expect.stringMatching(
        /image 1: \S+ is refused: it does not pass policy .*\nno grant lifts this: the use of break-glass grant \w{26} could not be recorded \(Error: the queue is gone\)/,
      ),
    });
  });

  test('that cannot be recorded leaves the refusal as it is: finding, remedy, verdict and report', async () => {
    recordUse = () => Promise.reject(new Error('the queue is gone'));
    const { says } = await ask([uriOf(failed)]);
    granted = [];
    const without = await ask([uriOf(failed)]);
    expect(says.replace(/\nno grant lifts this: the use of break-glass grant .*/, '')).toBe(
      without.says.replace(/\nEmergency.*/, ''),
    ); // there is a grant
    const found = [
      'image 1: ',
      'no grant lifts this: ',
      '- vulnerabilities: ',
      'To fix: ',
      'verdict: s3://',
      'report: s3://',
    ];
    expect(says.split('\n')).toEqual(found.map(start => expect.stringMatching(new RegExp(`^${start}`))));
  });
});

test('rule 5.11, break-glass: however long a refusal is, it says why no grant lifts it, to the service and in the log', async () => {
  const long = world.has('clean', [], 'team/long');
  world.finds(long, { exitCode: 1, errors: `FATAL ${'unable to initialize a scan service: '.repeat(20)}` });
  world.push(long, 'v1');
  await world.settle();
  expect(world.decision(long)).toMatchObject({ reason: 'INDETERMINATE' });
  grantsAnswer = Promise.reject(new Error('AccessDenied on dynamodb:Query'));
  grantsAnswer.catch(() => undefined);
  const why =
    'no grant lifts this: break-glass grants could not be read (Error: AccessDenied on dynamodb:Query)';
  const { says } = await ask([uriOf(long)]);
  expect(says.split('\n')).toContain(why);
  expect(gate.said.at(-1)).toContain(`\n${why}\n`);
});

describe('what a gate says', () => {
  test('of an image on its list, and of nothing', async () => {
    gate.allowedDigests = [`sha256:${'e'.repeat(64)}`];
    const elsewhere = `public.ecr.aws/otel@${gate.allowedDigests[0]}`;
    const good = uriOf(await trusted(world));
    expect(await ask([good])).toEqual({ step: 'admit', says: 'every image is trusted' });
    expect(await ask([good, elsewhere])).toEqual({
      step: 'admit',
      says: 'the other images are trusted; image 2 is on the list of the gate',
    });
    expect(await ask([elsewhere])).toEqual({ step: 'admit', says: 'image 1 is on the list of the gate' });
    expect(await ask([])).toEqual({ step: 'admit', says: 'there is no image to judge' });
  });

  test('cuts no refusal in two, and counts those it leaves out; its log has all', async () => {
    const names = Array.from({ length: 10 }, (_, at) =>
      uriOf(world.has('clean', [], `team/x${at}${'y'.repeat(200)}`)),
    );
    const { step, says } = await ask(names);
    expect(step).toBe('refuse');
    expect(says.length).toBeLessThanOrEqual(4096);
    const lines = says.split('\n');
    const shown = lines.filter(line => line.startsWith('image '));
    expect(shown.every(line => /@sha256:[0-9a-f]{64} is refused/.test(line))).toBe(true);
    expect(lines.at(-1)).toBe(
      `${10 - shown.length} more images are refused: the log of the gate names all 10`,
    );
    expect(gate.said[0]).toContain('image 10: 000000000000.us-east-1/team/x9');
  });
});

test.each<[string, (uri: string) => string]>([
  ['has a port', uri => uri.replace('.com/', '.com:443/')],
  ['is in capitals', uri => uri.replace('.dkr.ecr.', '.DKR.ECR.')],
])('a registry of Amazon ECR whose host %s is told by which name it is known', async (_, written) => {
  const uri = uriOf(await trusted(world));
  gate.allowedDigests = [uri.split('@')[1]!];
  expect(await ask([written(uri)])).toEqual({
    step: 'refuse',
    says: expect.stringMatching(
      /the gate cannot tell which image it is \(it writes the registry "000000000000.dkr.ecr.us-east-1.amazonaws.com" in another way\)/,
    ),
  });
});
