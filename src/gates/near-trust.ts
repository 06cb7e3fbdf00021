import { Stack, Stage, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

interface Place {
  readonly account: string;
  readonly region: string;
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
  if (placeOf(ours) !== placeOf(theirs)) {
    throw new Error(
      `the ${what} ${construct.node.path} is in a stack of ${placeOf(ours)} and its trust ${trust.node.path} in one of ${placeOf(theirs)}, allowed: the same account and region; give both stacks the same env`,
    );
  }
}

/** An account and a region, for people. @internal */
export function placeOf({ account, region }: Place): string {
  return `${Token.isUnresolved(account) ? '(no account named)' : account}.${Token.isUnresolved(region) ? '(no region named)' : region}`;
}
