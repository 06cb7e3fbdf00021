import { imageOf, type ImageName } from '../../../src/core/image/image';
import { Seconds } from '../../../src/core/times';
import { World } from '../world';
import { Gate, type Deployed } from '../world/gate';

const CREATE_TAG: Deployed = { repository: 'team/clean', tag: 'v1' };

let world: World;
let gate: Gate;
let image: ImageName;

beforeEach(() => {
  world = new World();
  world.signs = true;
  gate = new Gate(world);
  image = world.has('clean');
  world.registry.tag(imageOf(image), 'v1');
});

function asked(): unknown[] {
  return world.requests.messages.map(({ body }) => body);
}

function waiting(of: ImageName, rollback = 'NO', reference = 'v1'): object {
  return { image: of, reference, enforcement: 'REFUSE', requestedAt: world.now.toISOString(), rollback };
}

async function trusted(): Promise<void> {
  world.push(image);
  await world.settle();
  expect(world.decision(image).trusted).toBe(true);
}

test('a tag is resolved once, and the digest is the identity from then on', async () => {
  expect(await gate.request(gate.event(CREATE_TAG))).toEqual(waiting(image));
  expect(gate.resolved).toEqual(['v1']);
});

test('a digest is taken as it is, also of an image that is not there yet: its scan says so', async () => {
  const digest = `sha256:${'0'.repeat(64)}`;
  const unknown = image.replace(/@.*/, `@${digest}`);
  expect(await gate.request(gate.event({ repository: 'team/clean', digest }))).toEqual(
    waiting(unknown, 'NO', digest),
  );
  expect(gate.resolved).toEqual([]);
});

test("an image that is not trusted is asked for, once, as a deployment's wish", async () => {
  await gate.request(gate.event(CREATE_TAG));
  expect(asked()).toEqual([{ version: 1, image, reason: 'request', at: world.now.toISOString() }]);
});

test('rule 5.7, fail closed: a register that hangs holds up no request', async () => {
  await trusted();
  world.register.load = () => new Promise(() => undefined);
  gate.pause = async seconds => (seconds === Seconds.trustAnswers ? undefined : new Promise(() => undefined));
  await gate.request(gate.event(CREATE_TAG));
  expect(asked()).toHaveLength(1);
});

test('of an image that is trusted nothing is asked', async () => {
  await trusted();
  expect(await gate.request(gate.event(CREATE_TAG))).toEqual(waiting(image));
  expect(asked()).toEqual([]);
});

test.each<[string, () => void]>([
  ['has expired', () => world.pass(80)],
  [
    'will have expired before anybody has looked',
    () => {
      world.now = new Date(Date.parse(world.row(image).verdict!.validUntil) - 600_000);
    },
  ],
  [
    'is signed by a key that is not pinned here',
    () => {
      world.signer.rotate();
      gate.pinned = [world.signer.current];
    },
  ],
  [
    'cannot be looked up',
    () => {
      world.register.load = async () => {
        throw new Error('AccessDenied');
      };
    },
  ],
])('an image whose trust %s is asked for', async (_what, arrange) => {
  await trusted();
  arrange();
  await gate.request(gate.event(CREATE_TAG));
  expect(asked()).toHaveLength(1);
});

test.each([
  [
    'no-such-tag',
    'the repository team/clean has no image with the tag "no-such-tag": push it first, then deploy',
  ],
  [
    'v1\u001b[31m',
    'the repository team/clean has no image with the tag "v1\\u001b[31m": push it first, then deploy',
  ],
])('the tag %j that names nothing is an error that says what to do', async (tag, message) => {
  const failed = await gate
    .request(gate.event({ repository: 'team/clean', tag }))
    .catch((error: unknown) => error as Error);
  expect(failed).toMatchObject({ message });
  expect(asked()).toEqual([]);
});

test.each<[string, Deployed]>([
  ['a tag and a digest', { repository: 'team/clean', tag: 'v1', digest: `sha256:${'0'.repeat(64)}` }],
  ['neither of them', { repository: 'team/clean' }],
  ['a digest that is none', { repository: 'team/clean', digest: 'v1' }],
  ['another enforcement', { repository: 'team/clean', tag: 'v1', enforcement: 'OFF' as 'AUDIT' }],
])('a template that names %s is refused', async (_what, deployed) => {
  await expect(gate.request(gate.event(deployed))).rejects.toThrow(
    /^the image to deploy is not named well: /,
  );
  expect(asked()).toEqual([]);
});

test('a token that became no digest is named, with what is allowed', async () => {
  await expect(gate.request(gate.event({ repository: 'team/clean', digest: 'v1' }))).rejects.toThrow(
    'the image to deploy is not named well: Digest: not a digest, allowed: sha256:<64 hex>; the digest given is "v1", allowed: sha256:<64 hex digits>',
  );
});

test('rule 5.10, no secrets of gates: of the event, what waits has what an answer needs; an id that remembers no image until one is let in', async () => {
  const answered = {
    ResponseURL: expect.stringContaining('secret'),
    StackId: expect.any(String),
    RequestId: '1',
    LogicalResourceId: 'Image',
  };
  expect(await gate.asker(gate.event(CREATE_TAG))).toEqual({
    ...answered,
    PhysicalResourceId: 'not-admitted/1',
  });
  expect(await gate.asker(gate.event(CREATE_TAG, 'Update', 'before'))).toEqual({
    ...answered,
    PhysicalResourceId: 'before',
  });
});

describe('what a gate tells who may invoke it', () => {
  test('is no digest: what is not enrolled is answered before its tag is resolved', async () => {
    gate.read = { repositories: '[{"by":"prefix","prefix":"other/"}]' };
    await expect(gate.request(gate.event(CREATE_TAG))).rejects.toThrow(
      'team/clean is refused: the repository "team/clean" is not enrolled in the trust',
    );
    expect(gate.resolved).toEqual([]);
    expect(asked()).toEqual([]);
  });

  test.each([
    ['2', 'deploy the stack of the gate with the version of cdk-trusted-images that this app has'],
    ['0', 'deploy this app with the version of cdk-trusted-images that its gate has'],
    [undefined, 'deploy this app with the version of cdk-trusted-images that its gate has'],
  ])('a resource of the schema version %s: which of both to upgrade', async (version, fix) => {
    gate.schemaVersion = version;
    await expect(gate.request(gate.event(CREATE_TAG))).rejects.toThrow(
      `the resource has the SchemaVersion "${version}", and its gate reads "1": ${fix}`,
    );
    expect(gate.resolved).toEqual([]);
  });
});

describe('a resource that takes over from one that asked the gate of its stack', () => {
  const former = (id?: string, type = 'Custom::TrustedImage') => {
    gate.former = 'Former';
    gate.status = 'UPDATE_IN_PROGRESS';
    gate.resources = { Former: { type, status: 'UPDATE_COMPLETE', physicalId: id } };
  };

  test('keeps what ran, although it is not trusted any more: nobody chose to deploy it; the team is told', async () => {
    await trusted();
    former(`${image}#v1`);
    world.pass(80);
    expect(world.decision(image).trusted).toBe(false);
    const { id, reason } = await gate.create(CREATE_TAG);
    expect({ id, reason }).toEqual({ id: `${image}#v1`, reason: undefined });
    expect(gate.alerts).toHaveLength(1);
    expect(asked()).toEqual([]);
  });

  test('keeps the image that its tag named then, and does not look whether it names another one', async () => {
    const before = `000000000000.us-east-1/team/clean@sha256:${'b'.repeat(64)}`;
    former(`${before}#v1`);
    expect(await gate.request(gate.event(CREATE_TAG))).toEqual(waiting(before, 'MOVED'));
    expect(gate.resolved).toEqual([]);
  });

  test('keeps a digest', async () => {
    const { repository, digest } = imageOf(image);
    former(`${image}#${digest}`);
    expect(await gate.request(gate.event({ repository, digest }))).toEqual(waiting(image, 'MOVED', digest));
  });

  test.each([
    ['another image than ran', () => former(`${image.replace(/@.*/, `@sha256:${'b'.repeat(64)}`)}#v0`)],
    ['what no gate ever found trusted', () => former(`${image}#v1#anyway`)],
    ['a former resource that admitted nothing', () => former('not-admitted/1')],
    ['a former resource without an id', () => former()],
    [
      'a resource of another type, whose id anybody may have chosen',
      () => former(`${image}#v1`, 'Custom::Own'),
    ],
    [
      'a resource that is not there',
      () => {
        former();
        gate.resources = {};
      },
    ],
  ])('judges %s like a new image', async (_what, arrange) => {
    arrange();
    expect(await gate.request(gate.event(CREATE_TAG))).toEqual(waiting(image, 'NO'));
    expect(asked()).toHaveLength(1);
  });

  test('is believed when it is created, and never afterwards', async () => {
    const before = `000000000000.us-east-1/team/clean@sha256:${'b'.repeat(64)}`;
    former(`${before}#v1`);
    expect(await gate.request(gate.event(CREATE_TAG, 'Update', 'not-admitted/1'))).toEqual(waiting(image));
  });
});

describe('an update', () => {
  const before = `000000000000.us-east-1/team/clean@sha256:${'b'.repeat(64)}`;

  test('asks for the image that the template names now', async () => {
    gate.status = 'UPDATE_IN_PROGRESS';
    expect(await gate.request(gate.event(CREATE_TAG, 'Update', before))).toEqual(waiting(image, 'NO'));
    expect(asked()).toEqual([expect.objectContaining({ image, reason: 'request' })]);
  });

  test.each(['UPDATE_ROLLBACK_IN_PROGRESS', 'ROLLBACK_IN_PROGRESS'])(
    'during %s takes what ran before, and asks nobody for anything',
    async status => {
      gate.status = status;
      world.register.load = async () => {
        throw new Error('not to be called');
      };
      expect(await gate.request(gate.event(CREATE_TAG, 'Update', before))).toEqual(waiting(before, 'YES'));
      expect(gate.resolved).toEqual([]);
      expect(asked()).toEqual([]);
    },
  );

  test.each(['UPDATE_IN_PROGRESS', 'UPDATE_ROLLBACK_FAILED', 'IMPORT_IN_PROGRESS', ''])(
    'during %j is no way back',
    async status => {
      gate.status = status;
      expect(await gate.request(gate.event(CREATE_TAG, 'Update', before))).toEqual(waiting(image, 'NO'));
    },
  );

  test('on the way back to a digest takes that one, and judges it if the physical id does not name it', async () => {
    gate.status = 'UPDATE_ROLLBACK_IN_PROGRESS';
    const { repository, digest } = imageOf(image);
    const back = (id: string) => gate.request(gate.event({ repository, digest }, 'Update', id));
    expect(await back(`${before}#v1,${image}#v0`)).toEqual(waiting(image, 'YES', digest));
    expect(asked()).toEqual([]);
    expect(await back(before)).toEqual(waiting(image, 'NO', digest));
    expect(asked()).toHaveLength(1);
  });

  test('of a resource that never named an image is judged like a new one, also on the way back', async () => {
    gate.status = 'UPDATE_ROLLBACK_IN_PROGRESS';
    expect(await gate.request(gate.event(CREATE_TAG, 'Update', 'never-made'))).toEqual(waiting(image));
  });

  test('of a stack that does not say what it is doing lets the image through that runs already, and judges every other one', async () => {
    gate.status = undefined;
    expect(await gate.request(gate.event(CREATE_TAG, 'Update', image))).toEqual(waiting(image, 'UNKNOWN'));
    expect(asked()).toEqual([]);
    expect(await gate.request(gate.event(CREATE_TAG, 'Update', before))).toEqual(waiting(image, 'NO'));
    expect(asked()).toHaveLength(1);
  });

  test('of a stack that does not say what it is doing judges what no gate ever found trusted', async () => {
    gate.status = undefined;
    expect(await gate.request(gate.event(CREATE_TAG, 'Update', `${image}#v1#anyway`))).toEqual(
      waiting(image),
    );
    expect(asked()).toHaveLength(1);
    const audit = { ...CREATE_TAG, enforcement: 'AUDIT' as const };
    expect(await gate.request(gate.event(audit, 'Update', `${image}#v1#anyway`))).toEqual({
      ...waiting(image, 'UNKNOWN'),
      enforcement: 'AUDIT',
    });
  });

  test('of a stack that does not say what it is doing judges what a weaker gate let in before', async () => {
    gate.status = undefined;
    const event = gate.event(CREATE_TAG, 'Update', image, { ...CREATE_TAG, enforcement: 'AUDIT' });
    expect(await gate.request(event)).toEqual(waiting(image, 'NO'));
    expect(asked()).toHaveLength(1);
  });
});
