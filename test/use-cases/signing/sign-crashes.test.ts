import { begin, callsOf, STORIES, told } from './signing-stories';
import type { ImageName } from '../../../src/core/image/image';
import type { World } from '../world';
import { watchAdmitted } from '../world/admitted';

jest.mock('../../../adapters/aws/telemetry', () => ({ logger: { warn: jest.fn() } }));

/** What is the same at the end, whatever happened on the way. */
function stateOf(world: World, images: readonly ImageName[]) {
  return {
    lost: world.lost,
    images: images.map(image => {
      const { verdict, statement, signature, tags } = world.row(image);
      return {
        decision: world.decision(image),
        isOfVerdict: statement?.verdictId === verdict?.verdictId,
        told: told(world, image),
        signature: { ...signature, at: undefined },
        inRegistry: world.signatures.by(world.signer.current, image, world.now),
        all: [world.signatures.layers(image).length, world.signatures.bundles(image).length],
        tags,
      };
    }),
  };
}

describe.each(Object.keys(STORIES))('rule 4.11, sign only what the register says: %s', name => {
  const story = STORIES[name]!;

  test.each([
    ['an exception', false],
    ['the death of the process', true],
  ])('ends the same after %s between any two calls, and nothing is signed twice', async (_cause, dies) => {
    const calls = await callsOf(story, { dies });
    expect(calls).toBeGreaterThan(5);
    let undisturbed: ReturnType<typeof stateOf> | undefined;
    for (let at = 0; at <= calls; at++) {
      const { world, images, keys } = await begin(story, { dies });
      const admittedUnsigned = watchAdmitted(world, keys);
      if (at > 0) world.interruptions.crashAtCalls(at);

      await world.settle();

      const state = stateOf(world, images);
      undisturbed ??= JSON.parse(JSON.stringify(state).replaceAll(world.signer.current.name, 'key'));
      expect({ at, admittedUnsigned: admittedUnsigned() }).toEqual({ at, admittedUnsigned: [] });
      expect({ at, ...state.images[0]!.inRegistry }).toEqual({ at, ...story.ends });
      expect({ at, ...withoutHints(state) }).toEqual({ at, ...withoutHints(undisturbed!) });
    }
  });
});

/** Each world makes keys of its own. */
function withoutHints(state: object): object {
  return JSON.parse(JSON.stringify(state).replaceAll(/"keyHint":"[^"]*"/g, '"keyHint":""'));
}
