import { readSignRequest } from '../../../src/core/events/sign-request';
import type { ImageName } from '../../../src/core/image/image';
import { signImage } from '../../../use-cases/signing/sign-image';
import { World } from '../world';
import { watchAdmitted } from '../world/admitted';
import { Consumer } from '../world/consumer';

jest.mock('../../../adapters/aws/telemetry', () => ({
  logger: { info: jest.fn(), warn: jest.fn(), error: jest.fn() },
  count: jest.fn(),
  flushMetrics: jest.fn(),
}));

const EXCEPTION = [
  { seconds: 30, failures: 1 },
  { seconds: 90, failures: 2 },
  { seconds: 270, failures: 3 },
  { seconds: 810, failures: 4 },
];

let world: World;
let image: ImageName;
let consumer: Consumer;
let admittedUnsigned: () => string[];

/** An image that passed; its message comes to the signer as SQS and Lambda hand it over. */
beforeEach(async () => {
  world = new World();
  image = world.has('clean');
  world.push(image, 'v1');
  await world.settle();
  consumer = new Consumer(world.signing, sign);
  admittedUnsigned = watchAdmitted(world);
  world.signs = true;
  world.signing.put({ version: 1, image, verdictId: world.row(image).verdict!.verdictId });
});

afterEach(() => expect(admittedUnsigned()).toEqual([]));

async function sign(body: unknown) {
  const request = readSignRequest(body);
  if (!request.ok || request.value === undefined) return { poison: 'no request' };
  return signImage(request.value, world.signContext());
}

async function settle(minutes = Infinity): Promise<void> {
  await world.settle({ minutes, step: async () => (await consumer.deliverOne()) || world.deliverOne() });
}

function answer(name: string, httpStatusCode: number): Error {
  return Object.assign(new Error(`${name} of AWS`), { name, $metadata: { httpStatusCode } });
}

function signatures(): { layers: number; bundles: number } {
  return world.signatures.by(world.signer.current, image, world.now);
}

/** KMS answers so often, then it refuses. */
function refuseAfter(times: number, error: Error): void {
  const { sign: signs } = world.signer;
  world.signer.sign = async bytes => {
    if (world.signer.signed >= times) throw error;
    return signs.call(world.signer, bytes);
  };
}

const LASTING = [
  ['AccessDeniedException', 400],
  ['DisabledException', 400],
  ['KMSInvalidStateException', 400],
  ['NotFoundException', 400],
] as const;
const PASSING = [
  ['ThrottlingException', 400],
  ['KMSInternalException', 500],
  ['KeyUnavailableException', 500],
  ['DependencyTimeoutException', 503],
] as const;

test('a signature that cannot be pushed cuts off no bundle; both are there after the next try', async () => {
  let pushes = 0;
  world.signatures.refuses = call =>
    call === 'push' && ++pushes === 1 ? answer('ServerException', 500) : undefined;
  await consumer.deliverOne();
  expect(signatures()).toEqual({ layers: 0, bundles: 1 });
  await settle();
  expect(signatures()).toEqual({ layers: 1, bundles: 1 });
  expect(world.decision(image).trusted).toBe(true);
});

test.each(LASTING)(
  'rule 4.7, backpressure and dead letters: %s of KMS is tried again four times, later each time; then the message is a dead letter, and an alarm',
  async (name, status) => {
    world.signer.refuses = answer(name, status);
    await settle();
    expect(consumer.waits).toEqual(EXCEPTION);
    expect(world.signing.dead).toEqual([
      { body: expect.objectContaining({ image }), why: `failed 5 times: ${name}: ${name} of AWS` },
    ]);
    expect(world.row(image)).not.toHaveProperty('statement');
    expect(world.signatures.pushes).toEqual([]);
    expect(world.decision(image)).toMatchObject({ trusted: false, reason: 'NO_STATEMENT' });
  },
);

test.each(PASSING)(
  'rule 4.7, backpressure and dead letters: %s of KMS is a wait and no failure, for hours; then the image is signed',
  async (name, status) => {
    world.signer.refuses = answer(name, status);
    await settle(180);
    expect(new Set(consumer.waits.map(({ seconds, failures }) => `${seconds} ${failures}`))).toEqual(
      new Set(['90 0']),
    );
    expect(world.decision(image).trusted).toBe(false);
    world.signer.refuses = undefined;
    await settle();
    expect(world.decision(image).trusted).toBe(true);
    expect(signatures()).toEqual({ layers: 1, bundles: 1 });
    expect(world.lost).toEqual([]);
  },
);

test.each([0, 1, 2])(
  'KMS that refuses after %i signatures leaves nothing that a gate admits; once it signs again, nothing is signed twice',
  async times => {
    const { sign: signs } = world.signer;
    refuseAfter(times, answer('DisabledException', 400));
    await settle(10);
    expect(world.row(image)).not.toHaveProperty('statement');
    expect(signatures()).toEqual({ layers: Math.min(1, times), bundles: Math.max(0, times - 1) });
    expect(world.decision(image).trusted).toBe(false);
    world.signer.sign = signs;
    await settle();
    expect(world.decision(image).trusted).toBe(true);
    expect(signatures()).toEqual({ layers: 1, bundles: 1 });
  },
);

describe.each(['find', 'push'] as const)('ECR refuses to %s', call => {
  test.each([
    ['AccessDeniedException', 400],
    ['RepositoryNotFoundException', 400],
  ])('%s: a dead letter with its reason, and never a statement', async (name, status) => {
    world.signatures.refuses = each => (each === call ? answer(name, status) : undefined);
    await settle();
    expect(consumer.waits).toEqual(EXCEPTION);
    expect(world.signing.dead.map(({ why }) => why)).toEqual([`failed 5 times: ${name}: ${name} of AWS`]);
    expect(world.row(image)).not.toHaveProperty('statement');
  });

  test.each([
    ['ThrottlingException', 400],
    ['ServerException', 500],
  ])('%s: a wait; then signed once', async (name, status) => {
    world.signatures.refuses = each => (each === call ? answer(name, status) : undefined);
    await settle(30);
    expect(world.decision(image).trusted).toBe(false);
    world.signatures.refuses = () => undefined;
    await settle();
    expect(world.decision(image).trusted).toBe(true);
    expect(signatures()).toEqual({ layers: 1, bundles: 1 });
    expect(world.lost).toEqual([]);
  });
});

test('a push that fails half-way, after the classic signature, leaves nothing that a gate admits', async () => {
  world.signatures.refuses = each =>
    each === 'push' && signatures().layers === 1 ? answer('AccessDeniedException', 400) : undefined;
  await settle();
  expect(signatures()).toEqual({ layers: 1, bundles: 0 });
  expect(world.signing.dead).toHaveLength(1);
  expect(world.decision(image).trusted).toBe(false);
});

test('a registry that lists no referrers keeps nobody from signing', async () => {
  world.signatures.refuses = each =>
    each === 'referrers' ? answer('AccessDeniedException', 400) : undefined;
  await settle();
  expect(world.decision(image).trusted).toBe(true);
  expect(signatures()).toEqual({ layers: 1, bundles: 1 });
});

test.each(['referrers', 'blob'] as const)(
  'a registry that throttles %s when a message comes again is signed in once more: two do no harm, and strangers must not prevent one',
  async call => {
    const { sign: signs } = world.signer;
    refuseAfter(2, answer('DisabledException', 400)); // both are pushed, and the statement is not signed
    await settle(0.1);
    world.signer.sign = signs;
    world.signatures.refuses = each => (each === call ? answer('ThrottlingException', 400) : undefined);
    await settle(5);
    world.signatures.refuses = () => undefined;
    await settle();
    expect(world.decision(image).trusted).toBe(true);
    expect(signatures()).toEqual(call === 'blob' ? { layers: 2, bundles: 2 } : { layers: 1, bundles: 2 });
  },
);

test('a row that others write all the time is a wait of seconds, and its signature is not made again', async () => {
  const { save } = world.register;
  world.register.save = async (row, now) =>
    row.statement === undefined ? save.call(world.register, row, now) : undefined;
  await settle(1);
  expect(new Set(consumer.waits.map(({ seconds, failures }) => `${seconds} ${failures}`))).toEqual(
    new Set(['3 0']),
  );
  expect(world.decision(image).trusted).toBe(false);
  world.register.save = save;
  await settle();
  expect(world.decision(image).trusted).toBe(true);
  expect(signatures()).toEqual({ layers: 1, bundles: 1 });
});

test('what lies among the dead letters is asked for again by reconcile, within the hour after it is fixed', async () => {
  world.signer.refuses = answer('DisabledException', 400);
  await settle();
  world.signing.dead.length = 0;
  world.signer.refuses = undefined;
  world.pass(1);
  await world.reconcile();
  expect(world.decision(image).trusted).toBe(true);
  expect(world.lost).toEqual([]);
});
