import { begin, callsOf, fails, judgedAgain, STORIES, told, type SigningStory } from './signing-stories';
import type { ImageName } from '../../../src/core/image/image';
import { signImage } from '../../../use-cases/signing/sign-image';
import { LENIENT, type World } from '../world';
import { watchAdmitted } from '../world/admitted';

jest.mock('../../../adapters/aws/telemetry', () => ({ logger: { warn: jest.fn() } }));

interface Race {
  readonly world: World;
  readonly image: ImageName;
  readonly wasTrusted: boolean;
  admittedUnsigned(): string[];
}

async function race(story: SigningStory, dies = false): Promise<Race> {
  const {
    world,
    images: [image],
    keys,
  } = await begin(story, { dies });
  return {
    world,
    image: image!,
    wasTrusted: world.decision(image!, ...keys).trusted,
    admittedUnsigned: watchAdmitted(world, keys),
  };
}

/** Everything that happens; and the FAIL after it, where the story was over before its time. */
async function settle({ world, image }: Race): Promise<void> {
  await world.settle();
  if (world.outcome(image) === 'PASS') await fails(world, image);
  await world.settle();
}

function signedOrTold({ world, image, wasTrusted }: Race): boolean {
  const { layers, bundles } = world.signatures.by(world.signer.current, image, world.now);
  return (
    wasTrusted || layers + bundles > 0 || told(world, image).some(event => event.startsWith('Image Trusted'))
  );
}

function endOf(the: Race) {
  const { world, image } = the;
  const { statement, verdict } = world.row(image);
  return {
    admitted: world.decision(image).trusted,
    isSigned: statement !== undefined,
    isSilent: signedOrTold(the) && !told(world, image).includes(`Image Revoked ${verdict!.verdictId}`),
    lost: world.lost,
    admittedUnsigned: the.admittedUnsigned(),
  };
}

/** It is refused; whoever believed it, or could find a signature of it, was told so. */
const REVOKED = { admitted: false, isSigned: false, isSilent: false, lost: [], admittedUnsigned: [] };

async function handle(
  { world, image }: Race,
  verdictId = world.row(image).verdict!.verdictId,
): Promise<void> {
  await signImage({ version: 1, image, verdictId }, world.signContext());
}

describe.each(['the first signature', 'a renewal', 'a renewal with another key', 'a tag that is taken'])(
  'rule 4.11, sign only what the register says: a FAIL during %s',
  name => {
    const story = STORIES[name]!;

    test.each([
      ['waits in its queue', false],
      ['is handled at once by another copy of the signer', true],
    ])('revokes, between any two calls it comes; its own message %s', async (_when, atOnce) => {
      const calls = await callsOf(story);
      for (let at = 1; at <= calls; at++) {
        const the = await race(story);
        the.world.interruptions.crashAtCalls();
        the.world.interruptions.happenAtCall(at, async () => {
          await fails(the.world, the.image);
          if (atOnce) await handle(the);
        });
        await settle(the);
        expect({ at, ...endOf(the) }).toEqual({ at, ...REVOKED });
      }
    });
  },
);

describe('rule 4.11, sign only what the register says: a FAIL, and a crash, each between any two calls, revoke', () => {
  async function firstWrong(name: string, dies: boolean): Promise<unknown> {
    const story = STORIES[name]!;
    const calls = await callsOf(story, { dies }, 1);
    for (let at = 1; at <= calls; at++) {
      for (let crash = 1; crash <= calls; crash++) {
        const the = await race(story, dies);
        the.world.interruptions.crashAtCalls(crash);
        the.world.interruptions.happenAtCall(at, () => fails(the.world, the.image));
        await settle(the);
        const end = endOf(the);
        if (JSON.stringify(end) !== JSON.stringify(REVOKED)) return { at, crash, ...end };
      }
    }
    return undefined;
  }

  test.each([
    ['an exception', false],
    ['the death of the process', true],
  ])('a renewal: %s', async (_cause, dies) => {
    expect(await firstWrong('a renewal', dies)).toBeUndefined();
  });

  test.each([
    ['the first signature', false],
    ['the first signature', true],
    ['a tag that is taken', true],
  ])('%s (dies: %s)', async (name, dies) => {
    expect(await firstWrong(name, dies)).toBeUndefined();
  });
});

test('rule 4.11, sign only what the register says: a FAIL that another copy handles before the signer notices it, and a crash before the signer tells it, is told', async () => {
  const the = await race(STORIES['the first signature']!);
  the.world.interruptions.happenAtCall('register.save', async () => {
    await fails(the.world, the.image);
    await handle(the); // "it does not pass, and was not trusted"
    the.world.signing.messages.length = 1;
    the.world.interruptions.happenAtCall('events.publish', async () => {
      throw new Error('the process dies');
    });
  });
  await settle(the);
  expect(endOf(the)).toEqual(REVOKED);
});

test('rule 4.11, sign only what the register says: two FAILs before the signer comes to the first of them: the end of the trust is told', async () => {
  const the = await race(STORIES['a renewal']!);
  await the.world.settle();
  expect(await fails(the.world, the.image)).not.toBe(await fails(the.world, the.image));
  await the.world.settle();
  expect(told(the.world, the.image)).toContainEqual(expect.stringMatching(/^Image Revoked /));
});

test("rule 4.11, sign only what the register says: another PASS during the first signature: what was pushed is kept in mind, and the statement is the later one's", async () => {
  const calls = await callsOf(STORIES['the first signature']!);
  for (let at = 1; at <= calls; at++) {
    const the = await race(STORIES['the first signature']!);
    const { world, image } = the;
    world.interruptions.crashAtCalls();
    world.interruptions.happenAtCall(at, () =>
      judgedAgain(world, image, { ...LENIENT, name: 'lenient again' }, 'PASS'),
    );
    await world.settle();
    const { verdict, statement } = world.row(image);
    expect({
      at,
      outcome: verdict!.outcome,
      of: statement?.verdictId,
      ...world.signatures.by(world.signer.current, image, world.now),
    }).toEqual({ at, outcome: 'PASS', of: verdict!.verdictId, layers: 1, bundles: 1 });
    expect(the.admittedUnsigned()).toEqual([]);
  }
});
