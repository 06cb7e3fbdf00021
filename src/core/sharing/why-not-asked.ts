import { whyUnknownSchema } from './contract';
import { Enrolment, isAdmitted, isEnrolledByName, needsTags } from '../image/enrolment';
import { quoted } from '../text/plain-text';

/** What CloudFormation read of a trust of another app when it deployed an image. */
export interface ReadOfTrust {
  readonly SchemaVersion?: string;
  readonly Repositories?: string;
}

/** Why it is of no use to ask a trust of another app about an image; undefined if it is, or nobody knows. */
export function whyNotAsked(
  { SchemaVersion, Repositories }: ReadOfTrust,
  repository: string,
): string | undefined {
  const unknown = SchemaVersion === undefined ? undefined : whyUnknownSchema(SchemaVersion);
  if (unknown !== undefined) return unknown;
  const enrolment = Repositories === undefined ? undefined : readEnrolment(Repositories);
  if (enrolment === undefined || needsTags(enrolment)) return undefined;
  if (isEnrolledByName(enrolment, repository) || isAdmitted(enrolment, repository)) return undefined;
  return `the repository ${quoted(repository, 256)} is not enrolled in the trust, so its images are never judged: ask the team of the trust to enrol it, by a selector in its repositories, then deploy again`;
}

/** A trust of a later version may select repositories in a way that is not known here. */
function readEnrolment(text: string): Enrolment | undefined {
  try {
    return Enrolment.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
