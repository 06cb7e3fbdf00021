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
 * The policy of a table that nobody but these roles writes, whatever their own policies allow others.
 *
 * @param writers read when the app is synthesised: roles may be added until then
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
