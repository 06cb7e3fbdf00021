import type { Image } from '../../src/core/image/image';
import type { PublishedPolicy } from '../../src/core/policy/policy';
import { policyFor, type PolicySet } from '../../src/core/policy/policy-set';
import { usageError } from '../../src/core/user-error';
import type { PublishedWaivers } from '../../src/core/waivers/active-waivers';

/** What judges, and where it comes from. */
export interface ChosenPolicy {
  readonly title: string;
  readonly set: PolicySet;
  readonly policy: { readonly revision: number; readonly sha256: string };
  readonly waivers: PublishedWaivers;
}

/** The policy and the waivers for one image. */
export interface JudgedBy {
  readonly image: Omit<Image, 'digest'>;
  /** False: nobody said what the repository is called. */
  readonly isNamed: boolean;
  readonly policy: PublishedPolicy;
  readonly waivers: PublishedWaivers;
}

/** Nobody's: for images whose repository is not known. It is in no answer. */
const NOWHERE = { account: '000000000000', region: 'us-east-1', repository: 'unnamed/image' };

/**
 * As which repository an image is judged. Where policies differ by repository and none is named, there is no
 * answer.
 */
export function judgedBy(
  { set, policy, waivers, title }: ChosenPolicy,
  repository: string | undefined,
  ecr: Omit<Image, 'digest'> | undefined,
): JudgedBy {
  const name = repository ?? ecr?.repository;
  if (name === undefined && set.scoped.length > 0) {
    throw usageError(
      `${title} judges some repositories by other rules: say with --repository in which one the image will lie, for example --repository team/app`,
    );
  }
  const image = { ...NOWHERE, ...ecr, ...(name !== undefined && { repository: name }) };
  const document = name === undefined ? set.default : policyFor(set, name);
  const inScope =
    name === undefined ? { ...waivers, waivers: waivers.waivers.filter(holdsEverywhere) } : waivers;
  return { image, isNamed: name !== undefined, policy: { document, ...policy }, waivers: inScope };
}

function holdsEverywhere({ repositories }: { readonly repositories?: readonly string[] }): boolean {
  return repositories === undefined || repositories.includes('**');
}
