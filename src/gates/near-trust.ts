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
  check({ what, construct, to: 'trust', other: trust }, [
    'in that stage, import the trust, ImageTrust.fromStackName(), which needs publishedAs of the trust',
    'images there need a trust there; for images of the trust itself, import it: ImageTrust.fromStackName() with the region of the trust, or ImageTrust.fromAttributes() from another account',
  ]);
}

/** Throws if what a gate guards cannot refer to it. @internal */
export function checkNearGate(what: string, construct: IConstruct, gate: IConstruct): void {
  const fix = `make a gate beside the ${what}, with a trust of that place or an imported one, for example by ImageTrust.fromStackName()`;
  check({ what, construct, to: 'gate', other: gate }, [fix, fix]);
}

interface Two {
  readonly what: string;
  readonly construct: IConstruct;
  readonly to: string;
  readonly other: IConstruct;
}

function check({ what, construct, to, other }: Two, [ofStage, ofPlace]: readonly [string, string]): void {
  const path = `the ${what} ${construct.node.path}`;
  if (Stage.of(other) !== Stage.of(construct)) {
    throw new Error(
      `${path} is in another stage than its ${to} ${other.node.path}, allowed: the same stage, because no stack waits for a stack of another stage; ${ofStage}`,
    );
  }
  const [ours, theirs] = [Stack.of(construct), Stack.of(other)];
  if (placeOf(ours) === placeOf(theirs)) return;
  // CDK treats an unknown account or region as another one, although they may be the same
  const fix = isKnown(ours) && isKnown(theirs) ? ofPlace : 'give both stacks the same env';
  throw new Error(
    `${path} is in a stack of ${placeOf(ours)} and its ${to} ${other.node.path} in one of ${placeOf(theirs)}, allowed: the same account and region; ${fix}`,
  );
}

function isKnown({ account, region }: Place): boolean {
  return ![account, region].some(each => Token.isUnresolved(each));
}

/** An account and a region, for people. @internal */
export function placeOf({ account, region }: Place): string {
  return `${Token.isUnresolved(account) ? '(no account named)' : account}.${Token.isUnresolved(region) ? '(no region named)' : region}`;
}
