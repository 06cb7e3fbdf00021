import type { ImageName } from '../../../src/core/image/image';
import { newRow } from '../../../src/core/register/row';
import { signImage } from '../../../use-cases/signing/sign-image';
import { World } from '../world';
import { sha256 } from '../world/code-build';

let world: World;
let image: ImageName;

beforeEach(async () => {
  world = new World();
  image = world.has('clean');
  world.push(image, 'v1');
  await world.settle();
});

/** Somebody who can write the register, and put a document beside the evaluator's. */
function forge(change: (document: any) => void, summary: object = {}): void {
  const { verdict } = world.row(image);
  const document = world.evidence.json(verdict!.evidenceKey);
  change(document);
  const text = JSON.stringify(document);
  world.evidence.put('verdicts/forged.json', text);
  world.register.rows.set(image, {
    ...world.row(image),
    verdict: { ...verdict!, evidenceKey: 'verdicts/forged.json', sha256: sha256(text), ...summary },
  });
}

async function sign(): Promise<unknown> {
  return signImage(
    { version: 1, image, verdictId: world.row(image).verdict!.verdictId },
    world.signContext(),
  );
}

test.each<[string, () => void, RegExp]>([
  [
    'a FAIL',
    () =>
      forge(document => {
        document.outcome = 'FAIL';
      }),
    /the register says PASS until .*, and verdicts\/forged.json says FAIL/,
  ],
  [
    'one that expires earlier',
    () =>
      forge(document => {
        document.validUntil = world.now.toISOString();
      }),
    /look for who changed the register/,
  ],
  [
    'a register that says it holds for ever',
    () => forge(() => undefined, { validUntil: '2099-01-01T00:00:00.000Z' }),
    /the register says PASS until 2099/,
  ],
  [
    'another verdict',
    () =>
      forge(document => {
        document.verdictId = '01JDGZ00000000000000000009';
      }),
    /look for who changed the register/,
  ],
  [
    'that of another image',
    () =>
      forge(document => {
        document.image = image.replace('team/clean', 'team/other');
      }),
    /a verdict of .*team\/other.* is stored among those of .*team\/clean/,
  ],
  [
    'none',
    () => forge(() => undefined, { evidenceKey: 'verdicts/nothing.json' }),
    /verdicts\/nothing.json is not what the register says: find out who changed the evidence bucket/,
  ],
  [
    'other bytes',
    () => forge(() => undefined, { sha256: '0'.repeat(64) }),
    /find out who changed the evidence bucket/,
  ],
  [
    'no verdict at all',
    () =>
      forge(document => {
        delete document.outcome;
      }),
    /outcome/,
  ],
])(
  'rule 5.8, the key signs only PASS: nothing is signed where the evidence holds %s, and whoever changed the register is looked for',
  async (_what, arrange, error) => {
    arrange();
    await expect(sign()).rejects.toThrow(error);
    expect(world.signer.signed).toBe(0);
    expect(world.signatures.pushes).toEqual([]);
    expect(world.decision(image)).toMatchObject({ trusted: false, reason: 'NO_STATEMENT' });
  },
);

test('rule 5.8, the key signs only PASS: nothing is signed where the register answers with the row of another image', async () => {
  const other = `${image.slice(0, -1)}0`;
  const row = { ...newRow(image), verdict: world.row(image).verdict };
  const context = {
    ...world.signContext(),
    register: {
      load: async () => row,
      save: async () => {
        throw new Error('not to be called');
      },
    },
  };
  await expect(
    signImage({ version: 1, image: other, verdictId: row.verdict!.verdictId }, context),
  ).rejects.toThrow(/is stored among those of/);
});
