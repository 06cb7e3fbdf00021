import type { Image } from '../../src/core/image/image';
import type { PublishedPolicy } from '../../src/core/policy/policy';
import { policyFor, type PolicySet } from '../../src/core/policy/policy-set';
import { usageError } from '../../src/core/user-error';
import type { PublishedWaivers } from '../../src/core/waivers/active-waivers';
import type { KnownThere } from '../evaluation/split-base';

/** The policy and the waivers that the command line was told to judge by. */
export interface ChosenPolicy {
  /** Where they come from, for people: "the policy of trusted-images.yaml". */
  readonly title: string;
  readonly set: PolicySet;
  readonly policy: { readonly revision: number; readonly sha256: string };
  readonly waivers: PublishedWaivers;
  /** Where the base images that a deployed trust knows can be asked for. */
  readonly known?: KnownThere;
}

/** The policy and the waivers for one image. */
export interface PolicyForImage {
  readonly image: Omit<Image, 'digest'>;
  /** False: the name of the repository is not known. */
  readonly isNamed: boolean;
  readonly policy: PublishedPolicy;
  readonly waivers: PublishedWaivers;
}

/** For images whose repository is not known. No answer shows it. */
const NOWHERE = { account: '000000000000', region: 'us-east-1', repository: 'unnamed/image' };

/**
 * The policy by the repository that an image is in or will be pushed to. Throws where policies differ by
 * repository and none is named.
 */
export function policyForImage(
  { set, policy, waivers, title }: ChosenPolicy,
  repository: string | undefined,
  ecr: Omit<Image, 'digest'> | undefined,
): PolicyForImage {
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
