import { whyUnknownSchema } from './contract';
import { Enrolment, isAdmitted, isEnrolledByName, isJudged, needsTags } from '../image/enrolment';
import { placeOf } from '../image/image';
import { parseJson } from '../text/json';
import { quoted } from '../text/plain-text';

/** The place of the image. */
export interface AskedImage {
  readonly Account: string;
  readonly Region: string;
  readonly Repository: string;
}

/** What a gate knows of its trust. */
export interface PublishedTrust {
  /** With which a trust of another app is published. */
  readonly schemaVersion?: string;
  /** The enrolled repositories, as JSON. */
  readonly repositories?: string;
  /** The keys that were read for this deployment, where the template of the gate does not name them. */
  readonly pinnedKeys?: string;
}

/**
 * Why it is of no use to ask a trust about an image; undefined if it is, or nobody knows.
 *
 * @param home `<account>.<region>` of the trust
 */
export function whyNotAsked(asked: AskedImage, published: PublishedTrust, home: string): string | undefined {
  const { Repository: repository } = asked;
  const { schemaVersion, repositories } = published;
  const elsewhere = whyElsewhere(asked, published, home);
  if (elsewhere !== undefined) return elsewhere;
  const unknown = schemaVersion === undefined ? undefined : whyUnknownSchema(schemaVersion);
  if (unknown !== undefined) return unknown;
  // of another account, and listed
  if (placeOf(home).account !== asked.Account) return undefined;
  const enrolment = repositories === undefined ? undefined : readEnrolment(repositories);
  if (enrolment === undefined || needsTags(enrolment)) return undefined;
  if (isEnrolledByName(enrolment, repository) || isAdmitted(enrolment, repository)) return undefined;
  return `the repository ${quoted(repository, 256)} is not enrolled in the trust, so its images are never judged: ask the team of the trust to enrol it, by a selector in its repositories, then deploy again`;
}

/** Why a trust judges no image of this place; undefined if it does, or nobody knows. */
export function whyElsewhere(
  { Account: account, Region: region, Repository: repository }: AskedImage,
  { repositories }: PublishedTrust,
  home: string,
): string | undefined {
  const enrolment = (repositories === undefined ? undefined : readEnrolment(repositories)) ?? [];
  if (isJudged({ account, region, repository }, { home: placeOf(home), enrolment })) return undefined;
  return `its repository is in ${account}.${region}, and the trust judges images of ${home}, and of repositories of other accounts in that region that it lists: name one of these, for example by Repository.fromRepositoryArn()`;
}

/** A trust of a later version may select repositories in a way that is not known here. */
function readEnrolment(text: string): Enrolment | undefined {
  return Enrolment.safeParse(parseJson(text)).data;
}
