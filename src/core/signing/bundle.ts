import * as z from 'zod';
import { DsseEnvelope, openEnvelope, PayloadType } from './dsse';
import { referrer, type Artefact, type Descriptor } from './oci-artefact';
import { RegistryStatement, whyNotFor, type Claims } from './statement';
import { whyReplaced, type VerificationKey } from './verification-key';
import type { ImageName } from '../image/image';
import { failed, ok, type Result } from '../result';
import { parseJson } from '../text/json';

/** @see https://docs.sigstore.dev/about/bundle/ */
export const BUNDLE = 'application/vnd.dev.sigstore.bundle.v0.3+json';

/** The annotation of a bundle that says what it signs: signatures and attestations have one media type. */
export const PREDICATE_TYPE = 'dev.sigstore.bundle.predicateType';

/** Some registries report the media type of the config in place of the artifact type. */
const MAY_BE_BUNDLES: readonly (string | undefined)[] = [
  undefined,
  '',
  BUNDLE,
  'application/vnd.oci.empty.v1+json',
];

export function mayBeBundle(artifactType: string | undefined): boolean {
  return MAY_BE_BUNDLES.includes(artifactType);
}

/** How a bundle of a registry is verified. */
export interface RegistryQuestion {
  readonly image: ImageName;
  readonly keys: readonly VerificationKey[];
  /**
   * The signature in the registry is written once, so it does not show that the image passes today. This is
   * the maximum age of the signed verdict.
   */
  readonly maxAgeSeconds: number;
  readonly now: Date;
}

const Bundle = z.object({ mediaType: z.literal(BUNDLE), dsseEnvelope: DsseEnvelope });

const BundleManifest = z.object({
  artifactType: z.literal(BUNDLE),
  subject: z.object({ digest: z.string() }),
  layers: z.array(z.object({ mediaType: z.literal(BUNDLE), digest: z.string(), size: z.number() })).length(1),
});

/** The blob of a bundle that refers to an image, by its manifest, or why it is none. */
export function readBundleManifest(
  text: string,
  subject: string,
): Result<{ readonly digest: string; readonly size: number }, string> {
  const manifest = BundleManifest.safeParse(parseJson(text));
  if (!manifest.success) return failed('its manifest is not that of one bundle');
  if (manifest.data.subject.digest !== subject) return failed('it refers to another image');
  return ok(manifest.data.layers[0]!);
}

/** Whether it is an attestation of this type that the key signed. */
export function isAttestationOf(text: string, predicateType: string, key: VerificationKey): boolean {
  const bundle = Bundle.safeParse(parseJson(text));
  if (!bundle.success) return false;
  const opened = openEnvelope(bundle.data.dsseEnvelope, PayloadType.inToto, [key]);
  return (
    opened.ok &&
    z.object({ predicateType: z.literal(predicateType) }).safeParse(opened.value.statement).success
  );
}

/** What a bundle signs, not verified. Undefined if it is no bundle. */
export function envelopeOf(text: string): DsseEnvelope | undefined {
  return Bundle.safeParse(parseJson(text)).data?.dsseEnvelope;
}

/** The text of a bundle for an envelope that was signed with a key, without a certificate. */
export function bundleText(dsseEnvelope: DsseEnvelope, hint: string): string {
  return JSON.stringify({ mediaType: BUNDLE, verificationMaterial: { publicKey: { hint } }, dsseEnvelope });
}

/** A bundle in the registry. @see https://github.com/sigstore/cosign/blob/v3.1.3/specs/BUNDLE_SPEC.md */
export function bundleReferrer(
  subject: Descriptor,
  bundle: string,
  predicateType: string,
  created: string,
): Artefact {
  return referrer(subject, BUNDLE, bundle, {
    'dev.sigstore.bundle.content': 'dsse-envelope',
    [PREDICATE_TYPE]: predicateType,
    'org.opencontainers.image.created': created,
  });
}

/** The claims that a bundle of the registry signs, or why it is not accepted. */
export function checkBundle(
  text: string,
  { image, keys, maxAgeSeconds, now }: RegistryQuestion,
): Result<Claims, string> {
  const bundle = Bundle.safeParse(parseJson(text));
  if (!bundle.success) return failed('it is no bundle v0.3 with a DSSE envelope');
  const { dsseEnvelope } = bundle.data;
  if (dsseEnvelope.payloadType !== PayloadType.inToto) {
    return failed(`its payload is ${dsseEnvelope.payloadType}, allowed: ${PayloadType.inToto}`);
  }
  const opened = openEnvelope(dsseEnvelope, PayloadType.inToto, keys);
  if (!opened.ok) return failed('none of the pinned keys signed it');
  const { key, statement } = opened.value;
  const replaced = whyReplaced(key, now);
  if (replaced !== undefined) return failed(replaced);
  const read = RegistryStatement.safeParse(statement);
  if (!read.success) return failed("it is no sign/v1 statement that this library's signer made of a PASS");
  const [{ digest, annotations: claims }] = read.data.subject;
  const wrong = whyNotFor({ digest: `sha256:${digest.sha256}`, claims }, image, now);
  if (wrong === 'OTHER_IMAGE') return failed(`it was made for another image: ${claims.image}`);
  if (wrong !== undefined) {
    return failed(`it says that it was judged at ${claims.evaluatedAt}, which is still to come`);
  }
  const age = (now.getTime() - Date.parse(claims.evaluatedAt)) / 1000;
  return age <= maxAgeSeconds
    ? ok(claims)
    : failed(
        `it was judged ${Math.round(age / 3600)} hours ago, allowed: ${Math.round(maxAgeSeconds / 3600)}`,
      );
}
