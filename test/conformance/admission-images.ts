import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import type { AdmissionTextRules } from '../../src/core/admission/admission-text';
import { classicAttestations } from '../../src/core/signing/attestation';
import { bundleReferrer, bundleText } from '../../src/core/signing/bundle';
import { classicSignature } from '../../src/core/signing/classic-signature';
import { envelope, PayloadType, preAuthEncoding } from '../../src/core/signing/dsse';
import type { Artefact } from '../../src/core/signing/oci-artefact';
import { STATEMENT_V1 } from '../../src/core/signing/statement';
import { EXPIRES_ON, VERIFICATION_SUMMARY } from '../../src/core/signing/verification-summary';
import { digestOf } from '../../src/core/text/sha256';

/** What somebody who may push, but cannot sign, can put beside an image; and what the signer puts there. */
interface Case {
  readonly admitted?: true;
  readonly by?: 'stranger';
  /** Of another repository, digest or policy. */
  readonly of?: 'repository' | 'digest' | 'policy';
  readonly says?: 'FAILED';
  readonly hasExpired?: true;
  readonly isUnsigned?: true;
  /** Named by a tag. */
  readonly isTag?: true;
  /** Another container of the pod has an image without a summary. */
  readonly beside?: 'container' | 'init container';
}

export const ALL_CASES: Readonly<Record<string, Case>> = {
  'its own summary': { admitted: true },
  'no summary': { isUnsigned: true },
  'a summary by another key': { by: 'stranger' },
  'a summary of another digest': { of: 'digest' },
  'a summary of another repository': { of: 'repository' },
  'a summary of another policy': { of: 'policy' },
  'a summary that has expired': { hasExpired: true },
  'a summary that does not say PASSED': { says: 'FAILED' },
  'beside a container without a summary': { beside: 'container' },
  'beside an init container without a summary': { beside: 'init container' },
  'its own summary, revoked': {},
  'by its tag': { isTag: true },
};

const ofOneImage = Object.keys(ALL_CASES).slice(0, 8);

/** Which cases a program is asked. */
export const CASES = {
  ofOneImage,
  inPods: [
    ...ofOneImage,
    'beside a container without a summary',
    'beside an init container without a summary',
  ],
  ofTheDenyList: ['its own summary', 'its own summary, revoked', 'by its tag'],
} as const;

/** The images of a pod: the first is that of the case. */
export interface Staged {
  readonly images: readonly string[];
  readonly isInit?: boolean;
}

export type StagedRules = Omit<AdmissionTextRules, 'revoked'>;

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const POLICY = 'c'.repeat(64);
const DAY = 86_400_000;

/** Pushes an image of its own for each case, with a summary and a signature as the case says. */
export async function stageImages(
  host: string,
): Promise<{ rules: StagedRules; images: Readonly<Record<string, Staged>> }> {
  const [signer, stranger] = [0, 1].map(() => generateKeyPairSync('ec', { namedCurve: 'P-256' }));
  const repository = `${host}/team/app`;
  const images: Record<string, Staged> = {};
  const unsigned = await stage('the other container', { isUnsigned: true });
  for (const [name, of] of Object.entries(ALL_CASES)) {
    const image = await stage(name, of);
    images[name] = {
      images: of.beside === undefined ? [image] : [image, unsigned],
      isInit: of.beside === 'init container',
    };
  }
  const pem = signer!.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const rules = {
    name: 'trusted-images',
    repositories: [repository],
    keys: [{ pem }],
    policies: [POLICY],
  };
  return { rules, images };

  async function stage(name: string, of: Case): Promise<string> {
    const { config, manifest } = imageOf(name);
    const digest = digestOf(manifest);
    await push(host, { blobs: [config], manifest, mediaType: MANIFEST, tag: 'latest' });
    if (of.isUnsigned !== true) {
      const key = (of.by === 'stranger' ? stranger! : signer!).privateKey;
      for (const artefact of signed(repository, { digest, size: manifest.length }, of, key)) {
        await push(host, artefact);
      }
    }
    return of.isTag === true ? `${repository}:latest` : `${repository}@${digest}`;
  }
}

function imageOf(name: string): { config: string; manifest: string } {
  const rootfs = { type: 'layers', diff_ids: [] };
  const config = JSON.stringify({ architecture: 'amd64', os: 'linux', rootfs, name });
  const descriptor = {
    mediaType: 'application/vnd.oci.image.config.v1+json',
    size: config.length,
    digest: digestOf(config),
  };
  const manifest = { schemaVersion: 2, mediaType: MANIFEST, config: descriptor, layers: [] };
  return { config, manifest: JSON.stringify(manifest) };
}

/** The signature and the summary, each in both forms of cosign, as the signer writes them. */
function signed(
  own: string,
  { digest, size }: { digest: string; size: number },
  { of, says, hasExpired }: Case,
  key: KeyObject,
): Artefact[] {
  const repository = of === 'repository' ? own.replace(/app$/, 'other') : own;
  const named = of === 'digest' ? `sha256:${'f'.repeat(64)}` : digest;
  const payload = Buffer.from(
    JSON.stringify({
      _type: STATEMENT_V1,
      subject: [{ name: repository, digest: { sha256: named.slice('sha256:'.length) } }],
      predicateType: VERIFICATION_SUMMARY,
      predicate: {
        verificationResult: says ?? 'PASSED',
        resourceUri: `oci://${repository}@${named}`,
        policy: { digest: { sha256: of === 'policy' ? 'd'.repeat(64) : POLICY } },
        [EXPIRES_ON]: new Date(Date.now() + (hasExpired === true ? -DAY : DAY)).toISOString(),
      },
    }),
  );
  const attested = {
    envelope: envelope(
      PayloadType.inToto,
      payload,
      sign('sha256', preAuthEncoding(PayloadType.inToto, payload), key),
    ),
    predicateType: VERIFICATION_SUMMARY,
  };
  const simple = JSON.stringify({
    critical: {
      identity: { 'docker-reference': repository },
      image: { 'docker-manifest-digest': named },
      type: 'cosign container image signature',
    },
    optional: null,
  });
  const image = `000000000000.us-east-1/team/app@${digest}` as const;
  const subject = { mediaType: MANIFEST, size, digest };
  const bundle = bundleText(attested.envelope, 'hint');
  return [
    classicSignature({ image }, [], simple, sign('sha256', Buffer.from(simple), key)),
    classicAttestations(digest, [], [attested], 'hint'),
    bundleReferrer(subject, bundle, VERIFICATION_SUMMARY, new Date().toISOString()),
  ];
}

async function push(host: string, { blobs, manifest, mediaType, tag }: Artefact): Promise<void> {
  for (const blob of blobs) {
    const start = await fetch(`http://${host}/v2/team/app/blobs/uploads/`, { method: 'POST' });
    const location = new URL(start.headers.get('location')!, `http://${host}`);
    location.searchParams.set('digest', digestOf(blob));
    await put(location, blob);
  }
  const at = new URL(`http://${host}/v2/team/app/manifests/${tag ?? digestOf(manifest)}`);
  await put(at, manifest, mediaType);
}

async function put(to: URL, body: string, type = 'application/octet-stream'): Promise<void> {
  const response = await fetch(to, { method: 'PUT', body, headers: { 'content-type': type } });
  if (!response.ok) throw new Error(`${to.href}: ${response.status} ${await response.text()}`);
}
