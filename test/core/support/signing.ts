import { generateKeyPairSync, sign } from 'node:crypto';
import { IMAGE, minutes, NOW, summary, verdict } from './made';
import { imageName, type ImageName } from '../../../src/core/image/image';
import { newRow, type RegisterRow } from '../../../src/core/register/row';
import { withStatement, withVerdict } from '../../../src/core/register/transitions';
import { bundleReferrer, bundleText } from '../../../src/core/signing/bundle';
import { envelope, PayloadType, preAuthEncoding, type DsseEnvelope } from '../../../src/core/signing/dsse';
import {
  describe as descriptor,
  type Artefact,
  type Descriptor,
} from '../../../src/core/signing/oci-artefact';
import {
  claimsOf,
  SIGN_V1,
  statementBytes,
  type Claims,
  type StatementClaims,
} from '../../../src/core/signing/statement';
import {
  keyHint,
  readVerificationKey,
  type VerificationKey,
} from '../../../src/core/signing/verification-key';
import { digestOf } from '../../../src/core/text/sha256';
import type { Referrer, RegistryReader } from '../../../src/core/trust/registry-check';

const PASSED = verdict();
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const INDEX = 'application/vnd.oci.image.index.v1+json';

/** ECDSA on P-256, in the place of AWS KMS. */
export class LocalKey {
  public readonly publicPem: string;
  public readonly verification: VerificationKey;
  private readonly pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });

  constructor(name: string) {
    this.publicPem = this.pair.publicKey.export({ type: 'spki', format: 'pem' }) as string;
    const read = readVerificationKey(name, this.publicPem);
    if (!read.ok) throw new Error(read.error);
    this.verification = read.value;
  }

  public sign(bytes: Uint8Array, dsaEncoding: 'der' | 'ieee-p1363' = 'der'): Buffer {
    return sign('sha256', bytes, { key: this.pair.privateKey, dsaEncoding });
  }

  /** A document as it is signed for gates: bytes as they are, anything else as JSON. */
  public envelope(document: unknown, type: PayloadType = PayloadType.statement): DsseEnvelope {
    const payload = document instanceof Uint8Array ? document : Buffer.from(JSON.stringify(document));
    return envelope(type, payload, this.sign(preAuthEncoding(type, payload)));
  }

  /** After a rotation. */
  public until(acceptedUntil: Date): VerificationKey {
    return { ...this.verification, acceptedUntil };
  }
}

/** What the signer says of an image, judged now. */
export function claims(image: ImageName = IMAGE, changes: Partial<Claims> = {}): Claims {
  return { ...claimsOf({ ...PASSED, image }, 'amazonaws.com'), ...changes };
}

/** The same for the register, until three days from now. */
export function statementClaims(
  image: ImageName = IMAGE,
  changes: Partial<StatementClaims> = {},
): StatementClaims {
  return { ...claims(image), validUntil: minutes(3 * 24 * 60).toISOString(), ...changes };
}

/** A statement as JSON, to be bent before it is signed. */
export function statement(of: Claims | StatementClaims): any {
  return JSON.parse(Buffer.from(statementBytes(of)).toString('utf8'));
}

/** A row that every gate admits which pins the key: judged now, PASS, signed. */
export function signedRow(
  key: LocalKey,
  image: ImageName = IMAGE,
  said: Partial<StatementClaims> = {},
): RegisterRow {
  const passed = summary({ ...PASSED, image });
  const row = withVerdict({ ...newRow(image), kind: 'image' }, passed);
  return withStatement(
    row,
    { verdictId: passed.verdictId, envelope: key.envelope(statement(statementClaims(image, said))) },
    undefined,
  );
}

/** A bundle for the registry, as the signer writes it. */
export function bundle(key: LocalKey, of: unknown): string {
  return bundleText(key.envelope(of, PayloadType.inToto), keyHint(key.verification));
}

/**
 * One repository of a registry. It keeps every promise of the port; tests bend its answers by laying others
 * over it.
 */
export class LocalRepository implements RegistryReader {
  /** What was read, with the cap that was given: `<kind> <digest> <maxBytes>`. */
  public readonly reads: string[] = [];
  private readonly manifests = new Map<string, string>();
  private readonly blobs = new Map<string, string>();

  constructor(private readonly repository: string) {}

  public name({ digest }: Pick<Descriptor, 'digest'>): ImageName {
    return imageName({ account: '000000000000', region: 'us-east-1', repository: this.repository, digest });
  }

  /** The same seed is the same image, in whichever repository. */
  public image(seed: string): Descriptor {
    return this.add(
      JSON.stringify({ schemaVersion: 2, mediaType: MANIFEST, annotations: { seed }, layers: [] }),
      MANIFEST,
    );
  }

  public index(seed: string): Descriptor & { readonly children: readonly Descriptor[] } {
    const children = ['amd64', 'arm64'].map(architecture => this.image(`${seed} ${architecture}`));
    return {
      ...this.add(JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests: children }), INDEX),
      children,
    };
  }

  public push({ manifest, mediaType, blobs }: Artefact): Descriptor {
    for (const blob of blobs) this.blobs.set(digestOf(blob), blob);
    return this.add(manifest, mediaType);
  }

  /** A bundle of any text beside an image. */
  public attach(subject: Descriptor, text: string, predicateType = SIGN_V1): Descriptor {
    return this.push(bundleReferrer(subject, text, predicateType, NOW.toISOString()));
  }

  public async manifest(digest: string, maxBytes: number): Promise<string | undefined> {
    return this.read('manifest', this.manifests, digest, maxBytes);
  }

  public async blob(digest: string, maxBytes: number): Promise<string> {
    const text = this.read('blob', this.blobs, digest, maxBytes);
    if (text === undefined) throw new Error(`no blob ${digest}`);
    return text;
  }

  public async *referrers(digest: string): AsyncIterable<Referrer> {
    for (const [referrer, text] of this.manifests) {
      const { subject, artifactType } = JSON.parse(text) as { subject?: Descriptor; artifactType?: string };
      if (subject?.digest === digest) yield { digest: referrer, artifactType, size: Buffer.byteLength(text) };
    }
  }

  private add(manifest: string, mediaType: string): Descriptor {
    const added = descriptor(manifest, mediaType);
    this.manifests.set(added.digest, manifest);
    return added;
  }

  private read(
    kind: string,
    of: ReadonlyMap<string, string>,
    digest: string,
    maxBytes: number,
  ): string | undefined {
    this.reads.push(`${kind} ${digest} ${maxBytes}`);
    const text = of.get(digest);
    if (text !== undefined && Buffer.byteLength(text) > maxBytes) {
      throw new Error(`the ${kind} ${digest} has more than ${maxBytes} bytes`);
    }
    return text;
  }
}
