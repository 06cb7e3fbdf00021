import { Stack } from 'aws-cdk-lib';
import { PolicyStatement, type IGrantable } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { RepositorySelector } from './repository-selector';

/**
 * What a role may do in repositories that are added one by one. All selectors without tags are one statement.
 *
 * @internal
 */
export class RepositoryRights {
  private readonly statements = new Map<string, PolicyStatement>();

  constructor(
    private readonly scope: Construct,
    private readonly grantee: IGrantable,
    private readonly actions: string[],
  ) {}

  public add(repository: RepositorySelector): void {
    const { resources, tags } = repository._arns(this.scope);
    const key = JSON.stringify(tags ?? {});
    const found = this.statements.get(key);
    const shown = (arn: string) => JSON.stringify(Stack.of(this.scope).resolve(arn));
    const known = new Set((found?.resources ?? []).map(shown));
    if (found !== undefined) {
      return found.addResources(...resources.filter(arn => !known.has(shown(arn))));
    }
    const statement = new PolicyStatement({
      actions: this.actions,
      resources,
      ...(tags !== undefined && { conditions: { StringEquals: tags } }),
    });
    this.statements.set(key, statement);
    this.grantee.grantPrincipal.addToPrincipalPolicy(statement);
  }
}
