import { policyKey, waiversKey } from '../../src/core/evidence/evidence-keys';
import { Limit } from '../../src/core/limits';
import { readPolicySet, type PolicySet } from '../../src/core/policy/policy-set';
import { failed, ok, type Result } from '../../src/core/result';
import { plainText } from '../../src/core/text/plain-text';
import { sha256Of } from '../../src/core/text/sha256';
import { parseWaivers } from '../../src/core/waivers/document';
import type { Waivers } from '../../src/core/waivers/waiver';

/** Which document is active. */
export interface Pointer {
  /** It only ever grows. */
  readonly revision: number;
  readonly sha256: string;
  /** Of the file that people edit, in its bucket. */
  readonly versionId?: string;
  /** What was active when the last deployment published. */
  readonly before?: string;
}

export interface EvidenceReader {
  read(key: string, maxBytes: number): Promise<Uint8Array | undefined>;
}

/** A kind of document that is kept in the evidence under its hash. */
export interface DocumentKind<T> {
  /** For messages. */
  readonly name: string;
  readonly key: (sha256: string) => string;
  readonly parse: (text: string) => Result<T, string[]>;
}

export const POLICY: DocumentKind<PolicySet> = { name: 'policy', key: policyKey, parse: readPolicySet };
export const WAIVERS: DocumentKind<Waivers> = { name: 'waiver list', key: waiversKey, parse: parseWaivers };

/** Why an active document cannot be used. Each entry point makes its own kind of error of it. */
export interface DocumentProblem {
  /** `invalid`: the document is there, but this version does not understand it. */
  readonly kind: 'missing' | 'invalid';
  readonly message: string;
}

/** The document that a pointer names. */
export async function activeDocument<T>(
  kind: DocumentKind<T>,
  { sha256 }: Pick<Pointer, 'sha256'>,
  evidence: EvidenceReader,
): Promise<Result<T, DocumentProblem>> {
  const text = await documentText(kind, sha256, evidence);
  if (text === undefined) {
    return failed({
      kind: 'missing',
      message: `the ${kind.name} ${sha256} is not in the evidence bucket, or is not what its name says`,
    });
  }
  const parsed = kind.parse(text);
  if (parsed.ok) return ok(parsed.value);
  const why = parsed.error.join('; ');
  return failed({
    kind: 'invalid',
    message: plainText(`the ${kind.name} ${sha256} is not valid for this version: ${why}`, 400),
  });
}

/**
 * The text of the document that has this hash. Undefined where there is none, or another text lies under its
 * name: whoever may write objects there cannot activate anything by it.
 */
export async function documentText(
  { key }: Pick<DocumentKind<unknown>, 'key'>,
  sha256: string,
  evidence: EvidenceReader,
): Promise<string | undefined> {
  const bytes = await evidence.read(key(sha256), Limit.policyBytes);
  if (bytes === undefined || sha256Of(bytes) !== sha256) return undefined;
  return new TextDecoder().decode(bytes);
}
