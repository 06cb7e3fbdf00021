import { Lazy, Stack } from 'aws-cdk-lib';
import { AnyPrincipal, Effect, PolicyDocument, PolicyStatement, type IRole } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import { principalArns } from './principal-arns';

const WRITES = [
  'dynamodb:BatchWriteItem',
  'dynamodb:DeleteItem',
  'dynamodb:PartiQLDelete',
  'dynamodb:PartiQLInsert',
  'dynamodb:PartiQLUpdate',
  'dynamodb:PutItem',
  'dynamodb:UpdateItem',
];

/**
 * The resource policy of a table that only these roles may write, whatever the policies of other roles allow.
 *
 * @param writers read at synthesis: roles may be added until then
 * @internal
 */
export function onlyWriters(scope: IConstruct, writers: readonly IRole[]): PolicyDocument {
  return new PolicyDocument({
    statements: [
      new PolicyStatement({
        sid: 'OnlyWriters',
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        actions: WRITES,
        resources: ['*'], // a table's policy cannot name its own ARN: CloudFormation would have to know it before the table is there
        conditions: {
          ArnNotLike: {
            'aws:PrincipalArn': Lazy.list({ produce: () => principalArns(Stack.of(scope), writers) }),
          },
        },
      }),
    ],
  });
}
