import { roleStatements, text, trustStack } from '../support/synthesise';

const TEAM = 'arn:Partition:ecr:Region:AccountId:repository/team/*';

/** It looks up the tag of an image that is deployed now: that is a use of it. */
const OF_DEPLOYMENTS = 'TrustGateRequestRole';

test('every role that pulls enrolled images is excluded from pull times, but for that of deployments', () => {
  const { template } = trustStack();
  const pullers = [...roleStatements(template)]
    .filter(([, statements]) =>
      statements.some(
        ({ actions, resources }) => actions.includes('ecr:BatchGetImage') && resources.includes(TEAM),
      ),
    )
    .map(([role]) => role)
    .filter(role => role !== OF_DEPLOYMENTS);
  const excluded = Object.values(template.findResources('AWS::ECR::PullTimeUpdateExclusion')).map(
    ({ Properties }) => text(Properties.PrincipalArn),
  );
  expect(excluded.sort()).toEqual(pullers.sort());
  expect(excluded).toEqual(['TrustScannerDispatcherRole', 'TrustScannerProjectRole', 'TrustSignerRole']);
});
