import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Case } from './cases';
import { URL_SUFFIX } from './forgeries';
import { pemOf, type PublicKey } from './keys';
import { Register, registryOf } from './registry-and-register';
import { imageName, repositoryReference, type Image } from '../../src/core/image/image';
import { decide } from '../../src/core/trust/decide';
import type { Refused } from '../../src/core/trust/refusal';
import { verifyInRegistry } from '../../src/core/trust/registry-check';
import type { CloudDescription } from '../cloud/description';
import { cosignVerify } from '../cosign/verify';
import type { CosignVersion } from '../tools/cosign';

export type Question = Pick<Case, 'image' | 'key'>;

export interface Answer {
  readonly trusted: boolean;
  /** Why the image is not trusted. */
  readonly says: string;
}

/** A verifier, with its column heading. */
export interface Verifier {
  readonly heading: string;
  /** The same question in each form that the key can have. */
  readonly ask: Readonly<Record<string, (question: Question) => Promise<Answer>>>;
}

/**
 * The maximum age of a signature in the registry, for callers that cannot read the register: the default
 * lifetime of a verdict.
 */
export const MAX_AGE_HOURS = 72;

export type CosignPrograms = Readonly<Record<CosignVersion, string>>;

/** cosign in every version, form of the key and strictness; then this library's two checks. */
export function verifiersOf(cloud: CloudDescription, table: string, programs: CosignPrograms): Verifier[] {
  const cosigns = (Object.keys(programs) as CosignVersion[]).flatMap(version =>
    [false, true].map((claims): Verifier => ({
      heading: `cosign ${version}${claims ? ' with `-a`' : ''}`,
      ask: {
        awskms: ({ image, key }) =>
          askCosign(programs[version], cloud, image, `awskms:///${key.alias}`, claims),
        'cosign.pub': ({ image, key }) =>
          withPublicKey(key, file => askCosign(programs[version], cloud, image, file, claims)),
      },
    })),
  );
  const register = new Register(cloud, table);
  return [
    ...cosigns,
    { heading: 'registry check', ask: { GetPublicKey: question => askRegistry(cloud, question) } },
    { heading: 'register check', ask: { GetPublicKey: question => askRegister(register, question) } },
  ];
}

/** The claims that must be signed in addition to the digest, as the page tells readers. */
export function requiredClaims(image: Image): Record<string, string> {
  return { verdict: 'PASS', repository: repositoryReference(image, URL_SUFFIX) };
}

async function askCosign(
  cosign: string,
  cloud: CloudDescription,
  image: Image,
  key: string,
  claims: boolean,
): Promise<Answer> {
  const { accepted, output } = await cosignVerify({
    cosign,
    cloud,
    image,
    key,
    ...(claims && { annotations: requiredClaims(image) }),
  });
  return { trusted: accepted, says: accepted ? '' : output };
}

/** A key file, as a verifier without AWS has it. */
export async function withPublicKey<T>(key: PublicKey, use: (file: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'public-key-'));
  try {
    const file = join(folder, 'cosign.pub');
    await writeFile(file, pemOf(key));
    return await use(file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function askRegistry(cloud: CloudDescription, { image, key }: Question): Promise<Answer> {
  const question = {
    image: imageName(image),
    keys: [key.verification],
    maxAgeSeconds: MAX_AGE_HOURS * 3600,
    now: new Date(),
  };
  const answer = await verifyInRegistry(question, registryOf(cloud, image.repository));
  return 'trusted' in answer ? refusalOf(answer, image) : { trusted: true, says: '' };
}

async function askRegister(register: Register, { image, key }: Question): Promise<Answer> {
  const decision = decide(imageName(image), await register.row(image), [key.verification], new Date());
  return decision.trusted ? { trusted: true, says: '' } : refusalOf(decision, image);
}

/** Leaves out the image, which the caller knows. */
function refusalOf({ reason, says }: Refused, image: Image): Answer {
  return { trusted: false, says: `${reason}: ${says.replace(`${imageName(image)} is refused: `, '')}` };
}
