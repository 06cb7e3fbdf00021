import * as z from 'zod';
import { Policy } from './policy';
import { Enrolment, isEnrolledByName } from '../image/enrolment';
import { failed, ok, type Result } from '../result';
import { parseJson } from '../text/json';

const Scoped = z.strictObject({ repositories: Enrolment.min(1), policy: Policy });

/** Which policy judges which repository: the first whose selectors name it, else the default. */
export const PolicyBook = z.strictObject({ default: Policy, scoped: z.array(Scoped) });
export type PolicyBook = z.infer<typeof PolicyBook>;

/** A document in force, also one of before there were books. Every problem is named, not just the first. */
export function readPolicyBook(text: string): Result<PolicyBook, string[]> {
  const document = parseJson(text);
  const isBook = typeof document === 'object' && document !== null && 'default' in document;
  const book = PolicyBook.safeParse(isBook ? document : { default: document, scoped: [] });
  if (book.success) return ok(book.data);
  return failed(
    book.error.issues.map(
      ({ path, message }) => `${(isBook ? path : path.slice(1)).join('.') || 'policy'}: ${message}`,
    ),
  );
}

export function policyFor({ default: otherwise, scoped }: PolicyBook, repository: string): Policy {
  return scoped.find(({ repositories }) => isEnrolledByName(repositories, repository))?.policy ?? otherwise;
}
