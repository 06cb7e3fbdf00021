import * as z from 'zod';
import { Policy } from './policy';
import { Enrolment, isEnrolledByName } from '../image/enrolment';
import { failed, ok, type Result } from '../result';
import { parseJson } from '../text/json';

const Scoped = z.strictObject({ repositories: Enrolment.min(1), policy: Policy });

/** Which policy judges which repository: the first whose selectors name it, else the default. */
export const PolicySet = z.strictObject({ default: Policy, scoped: z.array(Scoped) });
export type PolicySet = z.infer<typeof PolicySet>;

/** Reads a policy set, or a single policy, which is the default for all. Every problem is named. */
export function readPolicySet(text: string): Result<PolicySet, string[]> {
  const document = parseJson(text);
  const isSet = typeof document === 'object' && document !== null && 'default' in document;
  const set = PolicySet.safeParse(isSet ? document : { default: document, scoped: [] });
  if (set.success) return ok(set.data);
  return failed(
    set.error.issues.map(
      ({ path, message }) => `${(isSet ? path : path.slice(1)).join('.') || 'policy'}: ${message}`,
    ),
  );
}

export function policyFor({ default: otherwise, scoped }: PolicySet, repository: string): Policy {
  return scoped.find(({ repositories }) => isEnrolledByName(repositories, repository))?.policy ?? otherwise;
}
