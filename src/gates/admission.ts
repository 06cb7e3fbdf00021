import { Reference, Stack, Stage, Token, Tokenization } from 'aws-cdk-lib';
import type { CfnRepository, IRepository } from 'aws-cdk-lib/aws-ecr';
import type { IConstruct } from 'constructs';
import type { OwnTrust } from './own-access';
import { RepositorySelector } from '../repository/repository-selector';
import { topLevel } from '../trust/stacks';

/**
 * Grants the rights to scan and sign in the repository of this one image, unless a selector grants them
 * already. Throws if image, repository and trust cannot refer to each other.
 *
 * @internal
 */
export function admit(image: IConstruct, repository: IRepository, trust: OwnTrust): void {
  const account = checkPlaces(image, repository, trust);
  if (account !== undefined) return; // it is enrolled, or checkPlaces() would have thrown
  const given = (repository.node.defaultChild as CfnRepository | undefined)?.repositoryName;
  const name = given === undefined || Token.isUnresolved(given) ? repository.repositoryName : given;
  if (trust.scanner._selects(name)) return;
  checkName(image, repository, name, trust);
  const selector = RepositorySelector._onRequest(name);
  trust.scanner._admit(selector);
  trust.signer._admit(selector);
}

interface Place {
  readonly account: string;
  readonly region: string;
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
    `the repository ${repository.node.path} is in ${shown(repository.env)}, allowed: the account and region of its trust and its stack, ${shown(ours)}, or a repository of another account in that region that the trust selects, RepositorySelector.name("team/app").inAccount("210987654321"); images of another region are judged by a trust there`,
  );
}

/**
 * Throws if a construct cannot refer to its trust, because they are in two stages, or in two accounts or
 * regions.
 *
 * @internal
 */
export function checkNear(what: string, construct: IConstruct, trust: IConstruct): void {
  if (Stage.of(trust) !== Stage.of(construct)) {
    throw new Error(
      `the ${what} ${construct.node.path} is in another stage than its trust ${trust.node.path}, allowed: the same stage, because no stack waits for a stack of another stage`,
    );
  }
  const [ours, theirs] = [Stack.of(construct), Stack.of(trust)];
  // CDK treats an unknown account or region as another one, although they may be the same
  if (shown(ours) !== shown(theirs)) {
    throw new Error(
      `the ${what} ${construct.node.path} is in a stack of ${shown(ours)} and its trust ${trust.node.path} in one of ${shown(theirs)}, allowed: the same account and region; give both stacks the same env`,
    );
  }
}

function isElsewhere(its: string, ours: string): boolean {
  return !Token.isUnresolved(its) && !Token.isUnresolved(ours) && its !== ours;
}

function shown({ account, region }: Place): string {
  return `${Token.isUnresolved(account) ? '(no account named)' : account}.${Token.isUnresolved(region) ? '(no region named)' : region}`;
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
