import { HOOK, HOOK_CALL, hookedTemplate } from '../../../local/cloud/cloudformation/hooked-template';
import { withoutInserted } from '../../../local/cloud/cloudformation/inserted';
import type { Template } from '../../../local/cloud/cloudformation/template';

const TASKS = 'AWS::ECS::TaskDefinition';
const tasks = { Type: TASKS, Properties: { Cpu: '256' }, DependsOn: 'Role', Condition: 'IsLive' };
const template: Template = { Resources: { Tasks: tasks, Bucket: { Type: 'AWS::S3::Bucket' } } };

test('a hook is asked before each resource of its types, which waits for the answer', () => {
  const hooked = hookedTemplate(template, new Set([TASKS]), 'token')!;
  expect(hooked.Resources).toMatchObject({
    TasksLocalCloudHook: {
      Type: HOOK_CALL,
      Properties: { TargetName: TASKS, TargetLogicalId: 'Tasks', ResourceProperties: { Cpu: '256' } },
      DependsOn: 'Role',
      Condition: 'IsLive',
    },
    Tasks: { ...tasks, DependsOn: ['Role', 'TasksLocalCloudHook'] },
    Bucket: { Type: 'AWS::S3::Bucket' },
  });
  expect(withoutInserted(hooked)).toEqual(template);
});

test('a hook tells that it is there, and other templates stay as they are', () => {
  const Hook = { Type: 'AWS::CloudFormation::LambdaHook', Properties: { Alias: 'A::B::C' } };
  const hooked = hookedTemplate({ Resources: { Hook } }, new Set(), 'token')!;
  expect(hooked.Resources?.Hook).toMatchObject({ Type: HOOK, Properties: { Alias: 'A::B::C' } });
  expect(hookedTemplate(template, new Set(['AWS::Lambda::Function']), 'token')).toBeUndefined();
  expect(withoutInserted(template)).toBe(template);
});
