import { X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Disagreement, Suite } from './suite';
import { checkBundle } from '../../src/core/signing/bundle';
import { openEnvelope, PayloadType } from '../../src/core/signing/dsse';
import { readVerificationKey, type VerificationKey } from '../../src/core/signing/verification-key';

/** Where samples are, by package. */
const SAMPLES: Readonly<Record<string, readonly string[]>> = {
  'go:github.com/sigstore/sigstore-go': ['examples', 'pkg/testing/data/bundles'],
  'go:github.com/sigstore/cosign/v3': ['pkg/cosign/testdata'],
  'go:github.com/sigstore/protobuf-specs': ['gen/pb-rust/sigstore-protobuf-specs/assets'],
};
const QUESTION = {
  image: `000000000000.us-east-1/team/app@sha256:${'a'.repeat(64)}`,
  maxAgeSeconds: Number.MAX_SAFE_INTEGER,
  now: new Date('2026-11-25T02:00:00.000Z'),
};

interface Bundle {
  readonly dsseEnvelope?: { readonly payload: string };
  readonly verificationMaterial: {
    readonly certificate?: { readonly rawBytes: string };
    readonly x509CertificateChain?: { readonly certificates: readonly { readonly rawBytes: string }[] };
  };
}

/**
 * Three cases for each sample: its signature is verified by the key of its certificate, a changed payload is
 * not, and the bundle does not count as a signature of this library, whoever's key is pinned.
 */
export const bundles: Suite = {
  name: 'bundles',
  about: "Sigstore's bundles: signatures of DSSE are verified, and none counts as one of this library",
  authority: 'samples of sigstore-go, cosign and protobuf-specs, which their own verifiers accept',
  packages: Object.keys(SAMPLES),
  run: async folders => {
    const samples = Object.entries(SAMPLES).flatMap(([name, places]) =>
      places.flatMap(place => samplesIn(join(folders(name), place))),
    );
    return { cases: 3 * samples.length, disagreements: samples.flatMap(hold) };
  },
};

function samplesIn(folder: string): { name: string; text: string }[] {
  return readdirSync(folder)
    .filter(file => /(?:\.sigstore(?:\.json)?|^bundle-.*\.json)$/.test(file))
    .map(name => ({ name, text: readFileSync(join(folder, name), 'utf8') }));
}

function hold({ name, text }: { name: string; text: string }): Disagreement[] {
  const bundle = JSON.parse(text) as Bundle;
  const key = keyOf(bundle);
  const keys = typeof key === 'string' ? [] : [key];
  const opened = typeof key === 'string' ? key : whyNotOpened(bundle.dsseEnvelope, keys);
  const accepted = checkBundle(text, { ...QUESTION, keys });
  return [
    ...(opened === undefined ? [] : [{ name: `${name}: verified`, said: opened }]),
    ...(whyNotOpened(changed(bundle), keys) === undefined
      ? [{ name: `${name}: changed, refused`, said: 'it is verified' }]
      : []),
    ...(accepted.ok ? [{ name: `${name}: not of this library, refused`, said: 'it is accepted' }] : []),
  ];
}

function keyOf({
  verificationMaterial: { certificate, x509CertificateChain },
}: Bundle): VerificationKey | string {
  const leaf = certificate ?? x509CertificateChain?.certificates[0];
  if (leaf === undefined) return 'it has no certificate';
  const { publicKey } = new X509Certificate(Buffer.from(leaf.rawBytes, 'base64'));
  const read = readVerificationKey(
    'of the sample',
    publicKey.export({ type: 'spki', format: 'pem' }) as string,
  );
  return read.ok ? read.value : read.error;
}

function whyNotOpened(envelope: unknown, keys: readonly VerificationKey[]): string | undefined {
  const opened = openEnvelope(envelope, PayloadType.inToto, keys);
  return opened.ok ? undefined : opened.error;
}

function changed({ dsseEnvelope }: Bundle): object | undefined {
  if (dsseEnvelope === undefined) return undefined;
  const payload = Buffer.from(dsseEnvelope.payload, 'base64');
  payload[payload.length - 2] = payload[payload.length - 2]! === 32 ? 9 : 32;
  return { ...dsseEnvelope, payload: payload.toString('base64') };
}
