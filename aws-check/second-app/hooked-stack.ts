import { Stack } from 'aws-cdk-lib';
import { CfnTaskDefinition } from 'aws-cdk-lib/aws-ecs';
import type { Construct } from 'constructs';
import { secondNames } from './names';

/** What the hook of CloudFormation is asked about: a task definition costs nothing, and runs nothing. */
export function hookedStack(scope: Construct, id: string, image: string): Stack {
  const names = secondNames(id);
  const stack = new Stack(scope, names.hooked);
  new CfnTaskDefinition(stack, 'Definition', {
    family: names.ecs,
    containerDefinitions: [{ name: 'App', image, memory: 64 }],
  });
  return stack;
}
