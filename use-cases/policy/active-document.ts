import { sha256Of } from '../../src/core/text/sha256';
import { Limit } from '../../src/core/limits';

export interface EvidenceReader {
  read(key: string, maxBytes: number): Promise<Uint8Array | undefined>;
}

/**
 * The document of the evidence bucket that has this hash. Undefined where there is none, or another text lies
 * under its name: whoever may write objects there has nothing activated by it.
 */
export async function storedDocument(
  evidence: EvidenceReader,
  key: (sha256: string) => string,
  sha256: string,
): Promise<string | undefined> {
  const bytes = await evidence.read(key(sha256), Limit.policyBytes);
  if (bytes === undefined || sha256Of(bytes) !== sha256) return undefined;
  return new TextDecoder().decode(bytes);
}
