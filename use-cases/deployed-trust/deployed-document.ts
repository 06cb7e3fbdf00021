import { UserError } from '../../src/core/user-error';
import {
  activeDocument,
  type DocumentKind,
  type DocumentProblem,
  type EvidenceReader,
  type Pointer,
} from '../policy/active-document';

const FIXES: Readonly<Record<DocumentProblem['kind'], string>> = {
  missing: 'look for who changed the bucket',
  invalid: 'use the version of the command line that the stack was deployed with',
};

/** An active document of a deployed trust. Throws what a person at the command line can fix. */
export async function deployedDocument<T>(
  kind: DocumentKind<T>,
  pointer: Pick<Pointer, 'sha256'>,
  evidence: EvidenceReader,
): Promise<T> {
  const document = await activeDocument(kind, pointer, evidence);
  if (document.ok) return document.value;
  throw new UserError(`${document.error.message}; ${FIXES[document.error.kind]}`);
}
