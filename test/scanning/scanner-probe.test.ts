import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { DeploymentProbe } from '../../src';
import { Seconds } from '../../src/core/times';
import { environmentOf, trustStack } from '../support/synthesise';

const RESOURCE = 'Custom::ScannerProbe';

function dependenciesOf(template: Template): string[] {
  return Object.values(template.findResources(RESOURCE)).flatMap(({ DependsOn }) => DependsOn as string[]);
}

describe('by default', () => {
  const { template } = trustStack();

  test('a deployment that changes how scans run probes: the resource has the revision that dispatch has', () => {
    const { BUILD_REVISION } = environmentOf(template, 'Takes the scan lease');
    template.hasResourceProperties(RESOURCE, {
      Revision: BUILD_REVISION,
      ServiceTimeout: String(Seconds.probeScanner),
    });
  });

  test('rule 5.2, provenance: the probe expects the build that the evaluator expects', () => {
    const expected = (description: string) => environmentOf(template, description).EXPECTED_BUILD;
    expect(expected('Proves at a deployment')).toEqual(expected('Judges images'));
  });

  test('it runs when all that a scan needs is there', () => {
    const before = dependenciesOf(template).map(id => id.slice(0, -8));
    for (const id of [
      'TrustScannerProject',
      'TrustScannerProjectRole',
      'TrustScannerProbeRoleDefaultPolicy',
      'TrustEvidencePolicy',
    ]) {
      expect(before).toContain(id);
    }
  });

  test('its repository goes with the stack, and is not enrolled, whatever selects it', () => {
    template.hasResource('AWS::ECR::Repository', {
      Properties: { EmptyOnDelete: true, ImageTagMutability: 'IMMUTABLE' },
      DeletionPolicy: 'Delete',
    });
    for (const description of ['Takes the scan lease', 'Finds images']) {
      const { REPOSITORIES } = environmentOf(template, description);
      expect(JSON.parse(REPOSITORIES)).toContainEqual({
        by: 'except',
        name: 'TrustScannerProbeRepository',
      });
    }
  });
});

test('builds in another network are probed: its subnets and security groups are properties', () => {
  const vpc = Vpc.fromVpcAttributes(new Stack(), 'Vpc', {
    vpcId: 'vpc-1',
    availabilityZones: ['a'],
    privateSubnetIds: ['subnet-1'],
  });
  const { template } = trustStack({ network: { vpc } });
  template.hasResourceProperties(RESOURCE, { Subnets: ['subnet-1'] });
});

test('DeploymentProbe.NONE: no resource, and nothing is excepted', () => {
  const { template } = trustStack({ deploymentProbe: DeploymentProbe.NONE });
  template.resourceCountIs(RESOURCE, 0);
  template.resourceCountIs('AWS::ECR::Repository', 0);
  expect(environmentOf(template, 'Takes the scan lease').REPOSITORIES).not.toContain('except');
});
