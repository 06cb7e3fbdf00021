import { App, type Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import type { Check } from '../../aws-check/check';
import { SECOND } from '../../aws-check/cost';
import { runNumbered } from '../../aws-check/numbered/run-numbered';
import { secondNames, type SecondApp } from '../../aws-check/second-app/names';
import { platformStack } from '../../aws-check/second-app/platform-stack';
import { teamStack } from '../../aws-check/second-app/team-stack';

import type { PartOutcome } from '../../aws-check/state';
import { FAST } from '../support/synthesise';

const ID = 'c0123456';
const NAMES = secondNames(ID);
const FIRST: SecondApp = { id: ID, year: 1, tag: 'good', cachesScanner: true };

const templateOf = (make: (app: App, given: SecondApp) => Stack, changes: Partial<SecondApp> = {}) =>
  Template.fromStack(make(new App({ context: FAST }), { ...FIRST, ...changes }));

test('the hook of CloudFormation asks about one stack of the check, and that of Cloud Control is off', () => {
  const team = templateOf(teamStack);
  team.hasResourceProperties('AWS::CloudFormation::LambdaHook', {
    HookStatus: 'ENABLED',
    TargetOperations: ['RESOURCE'],
    StackFilters: { FilteringCriteria: 'ALL', StackNames: { Include: [NAMES.hooked] } },
  });
  team.hasResourceProperties('AWS::CloudFormation::LambdaHook', {
    HookStatus: 'DISABLED',
    TargetOperations: ['CLOUD_CONTROL'],
  });
  team.resourceCountIs('AWS::CloudFormation::LambdaHook', 2);
});

test('a service that runs no task and needs no network is behind the gate of Amazon ECS', () => {
  const team = templateOf(teamStack);
  team.hasResourceProperties('AWS::ECS::Service', {
    DesiredCount: 0,
    LaunchType: 'EC2',
    NetworkConfiguration: Match.absent(),
    DeploymentConfiguration: { Strategy: 'BLUE_GREEN', LifecycleHooks: [Match.anyValue()] },
  });
  team.hasResourceProperties('AWS::ECS::Cluster', { CapacityProviders: Match.absent() });
});

test('the images and databases of scans come by way of the cache; where builds have no image, the databases do', () => {
  const image = (changes = {}) =>
    JSON.stringify(templateOf(platformStack, changes).findResources('AWS::CodeBuild::Project'));
  expect(image()).toContain(`${NAMES.cache}/aquasecurity/trivy@`);
  expect(image({ cachesScanner: false })).not.toContain(`${NAMES.cache}/aquasecurity/trivy@`);
  expect(image({ cachesScanner: false })).toContain(`${NAMES.cache}/aquasecurity/trivy-db`);
});

test('a team is not changed when the platform replaces its key', () => {
  const formerKey = 'arn:aws:kms:us-east-1:111122223333:key/11111111-2222-3333-4444-555555555555';
  const next = { year: 2, formerKey };
  expect(templateOf(teamStack, next).toJSON()).toEqual(templateOf(teamStack).toJSON());
  const aliases = (changes = {}) =>
    Object.values(templateOf(platformStack, changes).findResources('AWS::KMS::Alias')).map(
      ({ Properties }: any) => Properties.AliasName as string,
    );
  expect(aliases()).toEqual([`alias/${NAMES.key(1)}`]);
  expect(aliases(next)).toEqual([`alias/${NAMES.key(2)}`]);
});

test('every name that it fixes has the id of the check: nothing of others is removed with it', () => {
  const fixed = JSON.stringify([templateOf(platformStack), templateOf(teamStack)].map(each => each.toJSON()));
  const names = [
    ...fixed.matchAll(
      /"(?:ClusterName|ServiceName|Family|RepositoryName|AliasName|EcrRepositoryPrefix)":"([^"]+)"/g,
    ),
  ];
  expect(names.length).toBeGreaterThan(4);
  expect(names.map(([, name]) => name).filter(name => !name!.includes(ID))).toEqual([]);
});

describe('its parts of the numbers', () => {
  /** What a check says of them, whose second app is in this state. */
  async function partsOf(secondApp: object | undefined): Promise<Record<string, PartOutcome[]>> {
    let checks: Record<string, PartOutcome[]> = {};
    const refuse = () => Promise.reject(new Error('the account answers nothing'));
    const nothing: object = new Proxy({}, { get: () => refuse });
    const file = {
      get state() {
        return { checks, secondApp, pushed: {}, suiteOutcomes: {}, made: [] };
      },
      update: (changes: { checks: typeof checks }) => void ({ checks } = changes),
    };
    const aws = new Proxy({}, { get: () => nothing });
    const cloud = {
      mark: { id: ID },
      region: 'us-east-1',
      account: '111122223333',
      endpoint: 'http://127.0.0.1:1',
    };
    await runNumbered({ file, aws, cloud, say: () => undefined, folder: '' } as unknown as Check);
    return checks;
  }

  test('say that it was not chosen, and how to choose it', async () => {
    const checks = await partsOf(undefined);
    for (const number of [13, 15, 26, 31, 34, 36]) {
      expect(checks[number]![0]).toMatchObject({
        outcome: 'not checked',
        why: 'the second app was not chosen; give --second-app',
      });
    }
  });

  test('say that it was not deployed: one did not hold, with the reason, and the others point to it', async () => {
    const checks = await partsOf({ failed: 'CREATE_FAILED: the hook' });
    expect(checks[34]![0]).toMatchObject({
      outcome: 'did not hold',
      why: 'the second app was not deployed: CREATE_FAILED: the hook',
    });
    expect(checks[36]![0]!.why).toBe('the second app was not deployed, see number 34');
  });
});

test('its alarms and keys are as many as the price counts', () => {
  const count = (type: string) =>
    [templateOf(platformStack), templateOf(teamStack)].reduce(
      (all, each) => all + Object.keys(each.findResources(type)).length,
      0,
    );
  expect(count('AWS::CloudWatch::Alarm')).toBe(SECOND.alarms);
  expect(count('AWS::KMS::Key')).toBeLessThanOrEqual(SECOND.keys - 1); // and the one that replaces another
});
