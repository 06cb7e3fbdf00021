import { pushIndex } from './indexes';
import { registryOf } from './registry-and-register';
import { attach, attachStatement, copySignatures, signWith, tamper, type Signed } from './signatures';
import type { Stage } from './stage';
import { imageName, repositoryReference, type Image } from '../../src/core/image/image';
import { PayloadType, type DsseEnvelope } from '../../src/core/signing/dsse';
import { loginTo } from '../cloud/registry-login';
import { ensureRepository } from '../cloud/repositories';
import { follow } from '../demo/follow';
import { pushImage } from '../images/push';
import { zooImage } from '../images/zoo/zoo';

/** In the partition that the embedded cloud is in. */
export const URL_SUFFIX = 'amazonaws.com';

/** The same image in a repository that is not scanned, with the same signatures. */
export async function replayed(stage: Stage): Promise<Image> {
  const image = await copyOf(stage, 'replayed');
  await copySignatures(
    registryOf(stage.cloud, stage.enrolled),
    registryOf(stage.cloud, image.repository),
    image.digest,
  );
  return forgeRow(stage, image, stage.passed.signed);
}

/** An image that was refused, in the same repository, with the signatures of the one that passed. */
export async function otherDigest(stage: Stage): Promise<Image> {
  const { cloud, enrolled, table, passed } = stage;
  const digest = await pushImage(await loginTo(cloud), enrolled, 'other-digest', await zooImage('root'));
  const { outcome } = await follow(cloud, table, enrolled, digest);
  if (outcome !== 'FAIL') {
    throw new Error(`the image that runs as root came out as ${outcome}, and must be refused`);
  }
  await attach(registryOf(cloud, enrolled), digest, passed.signed);
  return forgeRow(stage, { ...passed.image, digest }, passed.signed);
}

/**
 * An image that was not scanned, with all signatures that the signer would make, by the key of an attacker.
 */
export async function otherKey(stage: Stage): Promise<Image> {
  const image = await copyOf(stage, 'other-key');
  const signed = await signWith(stage.otherKey, claimsFor(stage, image));
  await attach(registryOf(stage.cloud, image.repository), image.digest, signed);
  return forgeRow(stage, image, signed);
}

/**
 * A replay by an attacker who knows the claims: the repository name is rewritten wherever it is signed.
 */
export async function tampered(stage: Stage): Promise<Image> {
  const image = await copyOf(stage, 'tampered');
  const signed = tamper({ ...stage.passed.signed, claims: claimsFor(stage, image) }, text =>
    text.replaceAll(stage.enrolled, image.repository),
  );
  await attach(registryOf(stage.cloud, image.repository), image.digest, signed);
  return forgeRow(stage, image, signed);
}

/**
 * Correct except for its time. The signer takes times from the evidence and would not sign this, so a second
 * key signs it, and is the pinned one.
 */
export async function signedIn2020(stage: Stage): Promise<Image> {
  const image = await copyOf(stage, 'signed-in-2020');
  const claims = {
    ...claimsFor(stage, image),
    evaluatedAt: '2020-01-01T00:00:00.000Z',
    validUntil: '2020-01-04T00:00:00.000Z',
  };
  const signed = await signWith(stage.otherKey, claims);
  await attach(registryOf(stage.cloud, image.repository), image.digest, signed);
  return forgeRow(stage, image, signed);
}

/**
 * The register's statement in the registry, by an attacker who may read the register and push to the
 * registry.
 */
export async function outOfRegister(stage: Stage): Promise<Image> {
  return withStatementBeside(stage, 'statement', statement => statement);
}

/** The same, by an attacker who knows what cosign reads: the type is rewritten, which is signed too. */
export async function retyped(stage: Stage): Promise<Image> {
  return withStatementBeside(stage, 'retyped', statement => ({
    ...statement,
    payloadType: PayloadType.inToto,
  }));
}

/**
 * The image of a platform: it has a statement, and no signature in the registry that could be accepted
 * instead.
 */
async function withStatementBeside(
  stage: Stage,
  name: string,
  change: (statement: DsseEnvelope) => DsseEnvelope,
): Promise<Image> {
  const { child } = await pushIndex(stage, name);
  const row = await stage.register.row(child);
  await attachStatement(
    registryOf(stage.cloud, child.repository),
    imageName(child),
    change(row.statement!.envelope),
    stage.key,
  );
  await stage.register.forge(child, {
    ...row,
    verdict: { ...row.verdict!, validUntil: row.verdict!.evaluatedAt },
  }); // as if days had passed
  return child;
}

/** The image that passed, in its own repository, which is not scanned. */
async function copyOf({ cloud, elsewhere, passed }: Stage, tag: string): Promise<Image> {
  const repository = `${elsewhere}/${tag}`;
  await ensureRepository(cloud, repository);
  return {
    ...passed.image,
    repository,
    digest: await pushImage(await loginTo(cloud), repository, tag, passed.content),
  };
}

function claimsFor({ passed }: Stage, image: Image): Signed['claims'] {
  return {
    ...passed.signed.claims,
    image: imageName(image),
    repository: repositoryReference(image, URL_SUFFIX),
  };
}

/**
 * As if the register could be written too. On AWS its own policy denies that to all but the handlers;
 * MiniStack enforces no such policy.
 */
async function forgeRow(
  { register, passed }: Stage,
  image: Image,
  { statement: envelope }: Signed,
): Promise<Image> {
  await register.forge(image, {
    ...passed.row,
    statement: { verdictId: passed.row.verdict!.verdictId, envelope },
  });
  return image;
}
