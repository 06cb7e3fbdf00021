import type { IConstruct } from 'constructs';
import type { RepositorySelector } from './repository-selector';
import { warnAtSynthesis } from '../properties/warn-at-synthesis';

/** A trust, and what its pushes are scanned by. @internal */
export interface Enrolling extends IConstruct {
  readonly _repositories: readonly RepositorySelector[];
}

/**
 * Warns of a repository that two trusts enrol: each of its images is scanned twice, and may be trusted by one
 * and refused by the other.
 *
 * @param others the trusts of the same account and region
 * @internal
 */
export function warnOfSecondTrust(trust: Enrolling, others: () => readonly Enrolling[]): void {
  warnAtSynthesis(trust, 'cdk-trusted-images:secondTrust', () => {
    for (const other of others()) {
      for (const ours of trust._repositories) {
        const theirs = other._repositories.find(each => each._overlaps(ours));
        if (theirs === undefined) continue;
        return `${trust.node.path} enrols ${ours._shown()}, and ${other.node.path} enrols ${theirs._shown()}: each image of both is scanned and paid for twice, and may be trusted by one and refused by the other; enrol a repository in one trust, and give it a policy of its own by repositoryPolicies`;
      }
    }
    return undefined;
  });
}

/**
 * Warns of a prefix that ends within a name which another selector spells out: `shop` also selects what
 * `shopping/` does.
 *
 * @internal
 */
export function warnOfOpenPrefix(owner: IConstruct, selectors: readonly RepositorySelector[]): void {
  warnAtSynthesis(owner, 'cdk-trusted-images:openPrefix', () => {
    for (const one of selectors) {
      const other = selectors.find(each => one._beginsWithin(each));
      if (other === undefined) continue;
      const closed = JSON.stringify(`${one._prefix}/`);
      return `${one._shown()} also selects ${other._shown()}, because it does not end with "/"; end it: RepositorySelector.prefix(${closed}); if it is meant so, the other selector changes nothing: remove it`;
    }
    return undefined;
  });
}
