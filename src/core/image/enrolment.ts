import * as z from 'zod';
import { otherAccount, type Place, type Repository } from './image';

/** Which repositories are enrolled: the template passes it to the functions. */
export const Enrolment = z.array(
  z.discriminatedUnion('by', [
    z.object({ by: z.literal('all') }),
    z.object({ by: z.literal('prefix'), prefix: z.string().min(1) }),
    // without an account: of the account of the trust
    z.object({ by: z.literal('name'), name: z.string().min(1), account: z.string().optional() }),
    z.object({ by: z.literal('request'), name: z.string().min(1) }),
    z.object({ by: z.literal('tag'), key: z.string().min(1), value: z.string() }),
    // the library's own repository, whatever selects it
    z.object({ by: z.literal('except'), name: z.string().min(1) }),
  ]),
);
export type Enrolment = z.infer<typeof Enrolment>;

/** @param account of the repository, if it is not the account of the trust */
export function isEnrolledByName(enrolment: Enrolment, repository: string, account?: string): boolean {
  if (account !== undefined) {
    return enrolment.some(each => each.by === 'name' && each.account === account && each.name === repository);
  }
  return (
    !isExcepted(enrolment, repository) &&
    enrolment.some(
      each =>
        each.by === 'all' ||
        (each.by === 'prefix' && repository.startsWith(each.prefix)) ||
        (each.by === 'name' && each.account === undefined && repository === each.name),
    )
  );
}

/** What a trust judges. */
export interface Judged {
  /** Where it is. */
  readonly home: Place;
  /** Its repositories, as far as they are known here. */
  readonly enrolment: Enrolment;
}

/** A trust judges its own registry, and what it has enrolled in other accounts of its region. */
export function isJudged({ account, region, repository }: Repository, { home, enrolment }: Judged): boolean {
  const other = otherAccount({ account }, home);
  return region === home.region && (other === undefined || isEnrolledByName(enrolment, repository, other));
}

/** Why a trust does not judge the images of a repository, or undefined. */
export function whyNotJudged(repository: Repository, judged: Judged): string | undefined {
  if (isJudged(repository, judged)) return undefined;
  const { account, region } = repository;
  const { home } = judged;
  return `it is in ${account}.${region}, and only images of ${home.account}.${home.region} are scanned here`;
}

/** The enrolled repositories of other accounts. Nobody can list those of another account: each is named. */
export function repositoriesElsewhere(
  enrolment: Enrolment,
): readonly { readonly account: string; readonly name: string }[] {
  return enrolment.flatMap(each =>
    each.by === 'name' && each.account !== undefined ? [{ account: each.account, name: each.name }] : [],
  );
}

/**
 * Whether images of a repository are scanned only when a deployment requests one: the CDK assets of all
 * stacks of an account share one repository.
 */
export function isAdmitted(enrolment: Enrolment, repository: string): boolean {
  return enrolment.some(each => each.by === 'request' && repository === each.name);
}

export function isEnrolledByTags(
  enrolment: Enrolment,
  repository: string,
  tags: Readonly<Record<string, string>>,
): boolean {
  return (
    !isExcepted(enrolment, repository) &&
    enrolment.some(each => each.by === 'tag' && tags[each.key] === each.value)
  );
}

function isExcepted(enrolment: Enrolment, repository: string): boolean {
  return enrolment.some(each => each.by === 'except' && repository === each.name);
}

/** Whether one repository can be selected by both. Tags are unknown, so they count as yes. */
export function canShare(one: Enrolment[number], other: Enrolment[number]): boolean {
  if (one.by === 'except' || other.by === 'except') return false;
  if ([one.by, other.by].some(by => by === 'all' || by === 'tag')) return true;
  const [a, b] = [startOf(one), startOf(other)];
  return a === b || (one.by === 'prefix' && b.startsWith(a)) || (other.by === 'prefix' && a.startsWith(b));
}

function startOf(each: Enrolment[number]): string {
  return 'prefix' in each ? each.prefix : 'name' in each ? each.name : '';
}

export function needsTags(enrolment: Enrolment): boolean {
  return enrolment.some(each => each.by === 'tag');
}
