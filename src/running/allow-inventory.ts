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
