import { Reference, Stack, Token, Tokenization } from 'aws-cdk-lib';
import type { CfnRepository, IRepository } from 'aws-cdk-lib/aws-ecr';
import type { IConstruct } from 'constructs';
import { checkNear, placeOf } from './near-trust';
import type { OwnTrust } from './own-access';
import { RepositorySelector } from '../repository/repository-selector';
import { topLevel } from '../trust/stacks';

/**
 * Grants the rights to scan and sign in the repository of this one image, unless a selector grants them
 * already. Throws if image, repository and trust cannot refer to each other. Returns what no selector has.
 *
 * @internal
 */
export function admit(
  image: IConstruct,
  repository: IRepository,
  trust: OwnTrust,
): RepositorySelector | undefined {
  const account = checkPlaces(image, repository, trust);
  if (account !== undefined) return undefined; // it is enrolled, or checkPlaces() would have thrown
  const given = (repository.node.defaultChild as CfnRepository | undefined)?.repositoryName;
  const name = given === undefined || Token.isUnresolved(given) ? repository.repositoryName : given;
  if (trust.scanner._selects(name)) return undefined;
  checkName(image, repository, name, trust);
  const selector = RepositorySelector._onRequest(name);
  trust.scanner._admit(selector);
  trust.signer._admit(selector);
  return selector;
}

/** The account of the repository, if it is another one than that of the trust. */
function checkPlaces(image: IConstruct, repository: IRepository, trust: OwnTrust): string | undefined {
  checkNear('image', image, trust);
  const ours = Stack.of(image);
  const { account, region } = repository.env;
  if (!isElsewhere(account, ours.account) && !isElsewhere(region, ours.region)) return undefined;
  if (!isElsewhere(region, ours.region) && trust.scanner._selects(repository.repositoryName, account)) {
    return account;
  }
  throw new Error(
    `the repository ${repository.node.path} is in ${placeOf(repository.env)}, allowed: the account and region of its trust and its stack, ${placeOf(ours)}, or a repository of another account in that region that the trust selects, RepositorySelector.name("team/app").inAccount("210987654321"); images of another region are judged by a trust there`,
  );
}

function isElsewhere(its: string, ours: string): boolean {
  return !Token.isUnresolved(its) && !Token.isUnresolved(ours) && its !== ours;
}

/** Throws for a name that only this stack knows, if the trust is deployed before this stack. */
function checkName(image: IConstruct, repository: IRepository, name: string, trust: OwnTrust): void {
  const isOfAnother = (of: (construct: IConstruct) => Stack) => of(trust) !== of(image);
  const isOurs = ({ target }: Reference) =>
    [topLevel, Stack.of].some(of => of(target) === of(image) && isOfAnother(of));
  if (!Tokenization.reverseString(name).tokens.some(token => Reference.isReference(token) && isOurs(token))) {
    return;
  }
  throw new Error(
    `the repository ${repository.node.path} has no name at synthesis, and its trust is in another stack, which is deployed first and has to know the name: set repositoryName, or create the repository with trust.addRepository()`,
  );
}
