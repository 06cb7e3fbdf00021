import { roleStatements, text, trustStack } from '../support/synthesise';

const TEAM = 'arn:Partition:ecr:Region:AccountId:repository/team/*';

test('every role that pulls enrolled images is excluded from pull times, and no other', () => {
  const { template } = trustStack();
  const pullers = [...roleStatements(template)]
    .filter(([, statements]) =>
      statements.some(
        ({ actions, resources }) => actions.includes('ecr:BatchGetImage') && resources.includes(TEAM),
      ),
    )
    .map(([role]) => role);
  const excluded = Object.values(template.findResources('AWS::ECR::PullTimeUpdateExclusion')).map(
    ({ Properties }) => text(Properties.PrincipalArn),
  );
  expect(excluded.sort()).toEqual(pullers.sort());
  expect(excluded).toEqual(['TrustScannerDispatcherRole', 'TrustScannerProjectRole', 'TrustSignerRole']);
});
