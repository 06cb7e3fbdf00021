import type { PublicKey, SigningKeyPair } from './keys';
import type { Registry } from './registry-and-register';
import { imageOf, type ImageName } from '../../src/core/image/image';
import { Limit } from '../../src/core/limits';
import { classicAttestations } from '../../src/core/signing/attestation';
import { bundleReferrer, bundleText } from '../../src/core/signing/bundle';
import { classicLayers, classicSignature, simpleSigning } from '../../src/core/signing/classic-signature';
import { envelope, PayloadType, preAuthEncoding, type DsseEnvelope } from '../../src/core/signing/dsse';
import { classicTag, type Descriptor } from '../../src/core/signing/oci-artefact';
import { SIGN_V1, statementBytes, type StatementClaims } from '../../src/core/signing/statement';
import { keyHint } from '../../src/core/signing/verification-key';

/**
 * All signatures for an image: what the signer wrote into registry and register, or a forgery of it.
 */
export interface Signed {
  readonly claims: StatementClaims;
  readonly classic: { readonly payload: string; readonly signature: Uint8Array };
  /** What the bundle in the registry holds. */
  readonly bundled: DsseEnvelope;
  readonly hint: string;
  /** What the register holds. */
  readonly statement: DsseEnvelope;
}

const SIGNATURE = 'dev.cosignproject.cosign/signature';

interface Manifest {
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

/** What the signer left in the registry. */
export async function readSignatures(
  registry: Registry,
  digest: string,
): Promise<Pick<Signed, 'classic' | 'bundled' | 'hint'>> {
  const { text } = await found(registry, { imageTag: classicTag(digest, 'sig') });
  const [layer] = (JSON.parse(text) as Manifest).layers;
  const payload = await registry.blob(layer!.digest, Limit.bundleBytes);
  for await (const referrer of registry.referrers(digest)) {
    const manifest = await found(registry, { imageDigest: referrer.digest });
    const [bundle] = (JSON.parse(manifest.text) as Manifest).layers;
    const { dsseEnvelope, verificationMaterial } = JSON.parse(
      await registry.blob(bundle!.digest, Limit.bundleBytes),
    ) as {
      dsseEnvelope: DsseEnvelope;
      verificationMaterial: { publicKey: { hint: string } };
    };
    const signature = Buffer.from(layer!.annotations![SIGNATURE]!, 'base64');
    return {
      classic: { payload, signature },
      bundled: dsseEnvelope,
      hint: verificationMaterial.publicKey.hint,
    };
  }
  throw new Error(`the registry has no bundle of ${digest}`);
}

/** Signs claims about an image, in the three forms that the signer writes. */
export async function signWith(key: SigningKeyPair, claims: StatementClaims): Promise<Signed> {
  const { validUntil: _validUntil, ...lasting } = claims;
  const enveloped = async (type: PayloadType, payload: Uint8Array) =>
    envelope(type, payload, await key.sign(preAuthEncoding(type, payload)));
  const payload = simpleSigning(lasting);
  return {
    claims,
    classic: { payload, signature: await key.sign(Buffer.from(payload)) },
    bundled: await enveloped(PayloadType.inToto, statementBytes(lasting)),
    hint: keyHint(key.verification),
    statement: await enveloped(PayloadType.statement, statementBytes(claims)),
  };
}

/** Other contents with the same signatures. */
export function tamper(signed: Signed, change: (text: string) => string): Signed {
  const changed = (sealed: DsseEnvelope) => ({
    ...sealed,
    payload: Buffer.from(change(Buffer.from(sealed.payload, 'base64').toString())).toString('base64'),
  });
  return {
    ...signed,
    classic: { ...signed.classic, payload: change(signed.classic.payload) },
    bundled: changed(signed.bundled),
    statement: changed(signed.statement),
  };
}

/**
 * Adds signatures to an image of the repository, in addition to its own, as if they had been made for it.
 */
export async function attach(
  registry: Registry,
  digest: string,
  { claims, classic, bundled, hint }: Signed,
): Promise<void> {
  const { text, mediaType } = await found(registry, { imageDigest: digest });
  const { account, region, repository } = imageOf(claims.image);
  const beside = { ...claims, image: `${account}.${region}/${repository}@${digest}` };
  const others = classicLayers(
    (await registry.find({ imageTag: classicTag(digest, 'sig') }, Limit.manifestBytes))?.text,
  );
  await registry.push(classicSignature(beside, others, classic.payload, classic.signature));
  const subject = { mediaType, size: Buffer.byteLength(text), digest };
  await registry.push(bundleReferrer(subject, bundleText(bundled, hint), SIGN_V1, new Date().toISOString()));
}

/** A statement of the register as a bundle, as the payload of a signature, and as an attestation. */
export async function attachStatement(
  registry: Registry,
  image: ImageName,
  statement: DsseEnvelope,
  key: PublicKey,
): Promise<void> {
  const { digest } = imageOf(image);
  const { text, mediaType } = await found(registry, { imageDigest: digest });
  const hint = keyHint(key.verification);
  const subject = { mediaType, size: Buffer.byteLength(text), digest };
  await registry.push(
    bundleReferrer(subject, bundleText(statement, hint), SIGN_V1, new Date().toISOString()),
  );
  const signed = Buffer.from(
    preAuthEncoding(statement.payloadType, Buffer.from(statement.payload, 'base64')),
  ).toString();
  await registry.push(
    classicSignature({ image }, [], signed, Buffer.from(statement.signatures[0]!.sig, 'base64')),
  );
  await registry.push(
    classicAttestations(digest, [], [{ envelope: statement, predicateType: SIGN_V1 }], hint),
  );
}

/**
 * Byte for byte, with digest and tag: what a replication or a copy of the whole repository leaves elsewhere.
 */
export async function copySignatures(from: Registry, to: Registry, digest: string): Promise<void> {
  const tag = classicTag(digest, 'sig');
  await copyManifest(from, to, { imageTag: tag }, tag);
  for await (const referrer of from.referrers(digest)) {
    await copyManifest(from, to, { imageDigest: referrer.digest });
  }
}

async function copyManifest(
  from: Registry,
  to: Registry,
  id: Parameters<Registry['find']>[0],
  tag?: string,
): Promise<void> {
  const { text: manifest, mediaType } = await found(from, id);
  const { config, layers } = JSON.parse(manifest) as Manifest;
  const blobs = await Promise.all(
    [config, ...layers].map(({ digest }) => from.blob(digest, Limit.bundleBytes)),
  );
  await to.push({ manifest, mediaType, blobs, tag });
}

async function found(
  registry: Registry,
  id: Parameters<Registry['find']>[0],
): Promise<{ text: string; mediaType: string }> {
  const manifest = await registry.find(id, Limit.manifestBytes);
  if (manifest === undefined) throw new Error(`the registry has no ${JSON.stringify(id)}`);
  return manifest;
}
