import { whyUnknownSchema } from './contract';
import { Enrolment, isAdmitted, isEnrolledByName, isJudged, needsTags } from '../image/enrolment';
import { placeOf } from '../image/image';
import { parseJson } from '../text/json';
import { quoted } from '../text/plain-text';

/** The place of the image, and what CloudFormation read of a trust of another app when it deployed it. */
export interface AskedImage {
  readonly Account: string;
  readonly Region: string;
  readonly Repository: string;
  readonly SchemaVersion?: string;
  readonly Repositories?: string;
}

/**
 * Why it is of no use to ask a trust of another app about an image; undefined if it is, or nobody knows.
 *
 * @param owner `<account>.<region>` of the trust; undefined for one of the same app
 */
export function whyNotAsked(asked: AskedImage, owner: string | undefined): string | undefined {
  const { Repository: repository, SchemaVersion, Repositories } = asked;
  const elsewhere = whyElsewhere(asked, owner);
  if (elsewhere !== undefined) return elsewhere;
  const unknown = SchemaVersion === undefined ? undefined : whyUnknownSchema(SchemaVersion);
  if (unknown !== undefined) return unknown;
  // of another account, and listed
  if (owner !== undefined && placeOf(owner).account !== asked.Account) return undefined;
  const enrolment = Repositories === undefined ? undefined : readEnrolment(Repositories);
  if (enrolment === undefined || needsTags(enrolment)) return undefined;
  if (isEnrolledByName(enrolment, repository) || isAdmitted(enrolment, repository)) return undefined;
  return `the repository ${quoted(repository, 256)} is not enrolled in the trust, so its images are never judged: ask the team of the trust to enrol it, by a selector in its repositories, then deploy again`;
}

/** Why a trust of another app judges no image of this place; undefined if it does, or nobody knows. */
export function whyElsewhere(
  { Account: account, Region: region, Repository: repository, Repositories }: AskedImage,
  owner: string | undefined,
): string | undefined {
  if (owner === undefined) return undefined;
  const enrolment = (Repositories === undefined ? undefined : readEnrolment(Repositories)) ?? [];
  if (isJudged({ account, region, repository }, { home: placeOf(owner), enrolment })) return undefined;
  return `its repository is in ${account}.${region}, and the trust judges images of ${owner}, and of repositories of other accounts in that region that it lists: name one of these, for example by Repository.fromRepositoryArn()`;
}

/** A trust of a later version may select repositories in a way that is not known here. */
function readEnrolment(text: string): Enrolment | undefined {
  return Enrolment.safeParse(parseJson(text)).data;
}
