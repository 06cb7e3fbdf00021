import { PolicyStatement, type IRole } from 'aws-cdk-lib/aws-iam';

/** Allows a role to list what runs in Amazon ECS and AWS Lambda, wherever it runs. @internal */
export function allowInventory(role: IRole): void {
  role.addToPrincipalPolicy(
    new PolicyStatement({
      actions: [
        'ecs:DescribeServices',
        'ecs:DescribeTaskDefinition',
        'ecs:DescribeTasks',
        'ecs:ListClusters',
        'ecs:ListServices',
        'ecs:ListTasks',
        'lambda:GetFunction',
        'lambda:ListFunctions',
      ],
      resources: ['*'],
    }),
  );
}

/** Allows a role to list what can be started in Amazon ECS and AWS Batch too. @internal */
export function allowStartableInventory(role: IRole): void {
  allowInventory(role);
  role.addToPrincipalPolicy(
    new PolicyStatement({
      actions: ['batch:DescribeJobDefinitions', 'ecs:ListTaskDefinitions'],
      resources: ['*'],
    }),
  );
}
