import { otherDigest, otherKey, outOfRegister, replayed, retyped, signedIn2020, tampered } from './forgeries';
import { pushIndex } from './indexes';
import type { PublicKey } from './keys';
import { revoked } from './revoked';
import { setStage, type Stage, type VerifyOutputs } from './stage';
import { sibling, type Image } from '../../src/core/image/image';
import type { CloudDescription } from '../cloud/description';
import { loginTo } from '../cloud/registry-login';
import { follow } from '../demo/follow';
import { pushImage } from '../images/push';
import { zooImage } from '../images/zoo/zoo';

interface Recipe {
  readonly title: string;
  /** The correct answer. */
  readonly truth: 'trusted' | 'refused';
  /** Which key is pinned. @default - the signer's */
  readonly pinned?: 'otherKey';
  make(stage: Stage): Promise<Image>;
}

/** The cases, in the order of the table. */
export const CASES = {
  passed: { title: 'passed and signed', truth: 'trusted', make: async ({ passed }) => passed.image },
  index: {
    title: 'an index, passed and signed',
    truth: 'trusted',
    make: async stage => (await pushIndex(stage, 'index')).index,
  },
  child: {
    title: 'a platform image of that index',
    truth: 'trusted',
    make: async stage => (await pushIndex(stage, 'index')).child,
  },
  failed: { title: 'refused by policy', truth: 'refused', make: failed },
  unsigned: { title: 'never scanned, not signed', truth: 'refused', make: unsigned },
  replayed: {
    title: 'passed, then copied with its signatures to another repository',
    truth: 'refused',
    make: replayed,
  },
  tampered: {
    title: 'the same, with the repository rewritten in the signed claims',
    truth: 'refused',
    make: tampered,
  },
  otherDigest: {
    title: 'refused, with the signatures of the image that passed',
    truth: 'refused',
    make: otherDigest,
  },
  otherKey: { title: 'signed by another key', truth: 'refused', make: otherKey },
  signedIn2020: {
    title: 'passed and signed in 2020',
    truth: 'refused',
    pinned: 'otherKey',
    make: signedIn2020,
  },
  outOfRegister: {
    title: "passed and expired, with the register's statement attached as a signature",
    truth: 'refused',
    make: outOfRegister,
  },
  retyped: {
    title: 'the same, with its type rewritten to the type that cosign reads',
    truth: 'refused',
    make: retyped,
  },
  revoked: { title: 'passed and signed, then refused by a newer scan', truth: 'refused', make: revoked },
} as const satisfies Record<string, Recipe>;

export type CaseName = keyof typeof CASES;
export const CASE_NAMES = Object.keys(CASES) as CaseName[];

/** One question that verifiers are asked. */
export interface Case extends Pick<Recipe, 'title' | 'truth'> {
  readonly name: CaseName;
  readonly image: Image;
  /** The key that is pinned. */
  readonly key: PublicKey;
}

/** Creates the cases on a deployed quickstart. */
export async function prepareCases<Name extends CaseName>(
  cloud: CloudDescription,
  outputs: VerifyOutputs,
  names: readonly Name[],
): Promise<Record<Name, Case>> {
  const stage = await setStage(cloud, outputs);
  const cases = await Promise.all(
    names.map(async (name): Promise<[Name, Case]> => {
      const { title, truth, pinned, make }: Recipe = CASES[name];
      return [name, { name, title, truth, key: stage[pinned ?? 'key'], image: await make(stage) }];
    }),
  );
  return Object.fromEntries(cases) as unknown as Record<Name, Case>;
}

async function failed({ cloud, enrolled, table, passed }: Stage): Promise<Image> {
  const digest = await pushImage(
    await loginTo(cloud),
    enrolled,
    'failed',
    await zooImage('fixable-critical'),
  );
  const { outcome } = await follow(cloud, table, enrolled, digest);
  if (outcome !== 'FAIL') throw new Error(`the vulnerable image came out as ${outcome}, and must be refused`);
  return sibling(passed.image, digest);
}

async function unsigned({ cloud, elsewhere, passed }: Stage): Promise<Image> {
  return {
    ...passed.image,
    repository: elsewhere,
    digest: await pushImage(await loginTo(cloud), elsewhere, 'unsigned', passed.content),
  };
}
