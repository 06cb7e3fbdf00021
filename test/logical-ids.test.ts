import { Template } from 'aws-cdk-lib/assertions';
import { EmergencyAccess } from '../src';
import { trustStack } from './support/synthesise';

/**
 * Whatever holds state. A changed logical id makes CloudFormation replace it, and with it go verdicts,
 * evidence and the key that reads them, or the key that everything was signed with: a change here is a
 * breaking change and needs a migration.
 */
const PINNED = {
  TrustAppCA24F6FC: 'AWS::ECR::Repository',
  TrustBreakGlass10BCCE82: 'AWS::DynamoDB::GlobalTable',
  TrustEvidence64D83A5A: 'AWS::S3::Bucket',
  TrustEvidenceKey697FB76B: 'AWS::KMS::Key',
  TrustEvidenceUploads3B250B81: 'AWS::S3::Bucket',
  TrustFindings7C4E9C6C: 'AWS::DynamoDB::GlobalTable',
  TrustPolicies1A121070: 'AWS::DynamoDB::GlobalTable',
  TrustRegister70213485: 'AWS::DynamoDB::GlobalTable',
  TrustSigningKey411B8809: 'AWS::KMS::Key',
  TrustWaivers0091CDAE: 'AWS::S3::Bucket',
};

/**
 * CloudFormation refuses another service token for a resource that exists, so the policy keeps the ids of the
 * resource and of the function that answered when there was a framework (0050).
 */
test('the policy of a deployed trust is published by the function that it knows', () => {
  const { template } = trustStack();
  const [[id, { Properties }]] = Object.entries(template.findResources('Custom::TrustedImagesPolicy')) as [
    [string, { Properties: { ServiceToken: unknown } }],
  ];
  expect(id).toBe('TrustEvaluatorPolicyFECAF546');
  expect(Properties.ServiceToken).toEqual({
    'Fn::GetAtt': ['TrustEvaluatorPolicyProviderframeworkonEvent03137852', 'Arn'],
  });
});

test('what holds state keeps its logical id', () => {
  const { trust, stack } = trustStack({ emergencyAccess: EmergencyAccess.BREAK_GLASS });
  trust.addRepository('App');
  const resources = Object.entries(
    Template.fromStack(stack).toJSON().Resources as Record<string, { Type: string; DeletionPolicy?: string }>,
  );
  const kept = resources
    .filter(([, { DeletionPolicy }]) => DeletionPolicy === 'RetainExceptOnCreate')
    .map(([id, { Type }]) => [id, Type]);
  expect(Object.fromEntries(kept)).toEqual(PINNED);
});

/** A queue that is replaced loses its messages, and its export may be in use. */
const QUEUES = [
  'TrustAlertsEventsFD517B45',
  'TrustBreakGlassMessages322905FB',
  'TrustFailuresDeadLettersD9D115A1',
  'TrustFindingsVerdictsA2C1C91A',
  'TrustGateDeployments3AFA2A77',
  'TrustGateDeploymentsDeadLettersBB809D6A',
  'TrustScannerBackgroundC0867019',
  'TrustScannerReconcilerRepositories093FBFE9',
  'TrustScannerRequestsBAFD2E67',
  'TrustScannerResults39F104AF',
  'TrustSignerKeyChanges3B76EAB2',
  'TrustSignerVerdicts3C3217FB',
];

test('what holds messages keeps its logical id', () => {
  const { template } = trustStack({ emergencyAccess: EmergencyAccess.BREAK_GLASS });
  expect(Object.keys(template.findResources('AWS::SQS::Queue')).sort()).toEqual(QUEUES);
});
