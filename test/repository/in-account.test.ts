import { App, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { ImagePolicy, ImageTrust, Importer, RepositorySelector, TrustedImage } from '../../src';
import { FAST, newStack, roleStatements, text, trustStack } from '../support/synthesise';

const OTHER = '210987654321';
const { template } = trustStack({
  repositories: [RepositorySelector.prefix('team/'), RepositorySelector.name('app').inAccount(OTHER)],
  importers: [Importer.account(OTHER)],
  publishedAs: 'central',
});
const ARN = `arn:Partition:ecr:Region:${OTHER}:repository/app`;
const rules = Object.values(template.findResources('AWS::Events::Rule')).map(({ Properties }) => Properties);

describe('a repository of another account', () => {
  test('may be read, scanned, signed and listed, by exactly the roles that do so', () => {
    const rights = [...roleStatements(template)].flatMap(([role, statements]) =>
      statements
        .filter(({ resources }) => resources.includes(ARN))
        .map(
          ({ actions }) =>
            `${role}: ${actions.filter(action => !/Layer(Upload|Part|Avail)/.test(action)).join(' ')}`,
        ),
    );
    expect(rights.sort()).toEqual(
      [
        'TrustGateRequestRole: ecr:BatchGetImage',
        'TrustScannerDispatcherRole: ecr:BatchGetImage',
        'TrustScannerProjectRole: ecr:BatchGetImage,ecr:GetDownloadUrlForLayer',
        'TrustScannerReconcilerRole: ecr:DescribeImages',
        'TrustSignerRole: ecr:BatchGetImage ecr:GetDownloadUrlForLayer ecr:PutImage',
      ].map(line => line.replace(',', ' ')),
    );
  });

  test('has a rule that takes events of this account about this repository, and no others', () => {
    const [forwarded] = rules.filter(({ EventBusName }) => text(EventBusName) === 'TrustScannerForwarded');
    expect(forwarded).toMatchObject({
      EventPattern: {
        source: ['aws.ecr'],
        account: [OTHER],
        region: [{ Ref: 'AWS::Region' }],
        detail: { 'repository-name': ['app'] },
      },
    });
    expect(text(forwarded.Targets[0].Arn)).toBe('TrustScannerRequests');
    // and the rule of the own account does not name it
    expect(
      JSON.stringify(
        rules.find(({ Description }) => String(Description).startsWith('An enrolled repository has')),
      ),
    ).not.toContain('"app"');
  });

  test('lets its account forward by rules, and nobody else do anything', () => {
    template.hasResourceProperties('AWS::Events::EventBusPolicy', {
      StatementId: 'Forwarders',
      Statement: Match.objectLike({
        Effect: 'Allow',
        Principal: {
          AWS: [{ 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, `:iam::${OTHER}:root`]] }],
        },
        Action: 'events:PutEvents',
        Condition: { Bool: { 'events:eventBusInvocation': 'true' } },
      }),
    });
  });

  test('is in what is published, and importers may read its rows', () => {
    const { Outputs } = template.toJSON();
    expect(text(Outputs.TrustedImagesForwardingBusArn.Value)).toBe('TrustScannerForwarded');
    expect(text(Outputs.TrustedImagesRepositories.Value)).toContain(
      JSON.stringify({ by: 'name', name: 'app', account: OTHER }),
    );
    expect(JSON.stringify(template.findResources('AWS::DynamoDB::GlobalTable'))).toContain(`"${OTHER}."`);
  });

  test('is all that a trust selects: then no rule hears the own account', () => {
    const made = trustStack({ repositories: [RepositorySelector.name('app').inAccount(OTHER)] }).template;
    expect(JSON.stringify(made.findResources('AWS::Events::Rule'))).not.toContain(
      'An enrolled repository has',
    );
  });

  test('is deployed by a gate of the app of the trust if it is enrolled', () => {
    const made = newStack({}, { env: { account: '123456789012', region: 'eu-west-1' } });
    const trust = new ImageTrust(made, 'Trust', {
      repositories: [RepositorySelector.name('app').inAccount(OTHER)],
    });
    const deploy = (name: string) => () =>
      TrustedImage.fromTag(made, name, {
        trust,
        repository: Repository.fromRepositoryArn(
          made,
          `${name}Repository`,
          `arn:aws:ecr:eu-west-1:${OTHER}:repository/${name}`,
        ),
        tag: 'v1',
      });
    expect(deploy('app')).not.toThrow();
    expect(deploy('other')).toThrow(
      'or a repository of another account in that region that the trust selects',
    );
  });
});

test('nothing of it is there without such a repository', () => {
  const plain = JSON.stringify(trustStack({ publishedAs: 'central' }).template.toJSON());
  expect(plain).not.toContain('Forward');
});

test.each(['*', '12345678901', 'arn:aws:iam::210987654321:root', ''])('the account %j is refused', given => {
  expect(() => RepositorySelector.name('app').inAccount(given)).toThrow(
    `the account ${JSON.stringify(given)} of the name "app" is not an account, allowed: 12 digits, for example "210987654321"`,
  );
});

test.each([
  ['the prefix "team/"', RepositorySelector.prefix('team/')],
  ['all repositories', RepositorySelector.all()],
  ['the tag "scan": "yes"', RepositorySelector.tag('scan', 'yes')],
])('%s cannot be selected in another account, and the message says how to', (shown, selector) => {
  expect(() => selector.inAccount(OTHER)).toThrow(
    `${shown} cannot be selected in the account ${OTHER}, because nobody can list the repositories of another account, allowed: RepositorySelector.name("team/app").inAccount("${OTHER}") for each of them`,
  );
});

test('a policy is chosen by name, in whichever account the repository is', () => {
  const repositories = [RepositorySelector.name('app').inAccount(OTHER)];
  const policy = ImagePolicy.strict();
  expect(() => trustStack({ repositories, repositoryPolicies: [{ repositories, policy }] })).toThrow(
    'a policy is chosen by the name "app" in account 210987654321, allowed: RepositorySelector.prefix() and .name() without an account',
  );
  const named = [{ repositories: [RepositorySelector.name('app')], policy }];
  expect(() =>
    Template.fromStack(trustStack({ repositories, repositoryPolicies: named }).stack),
  ).not.toThrow();
});

test('another region has a trust of its own: one policy serves all', () => {
  const policy = ImagePolicy.standard();
  const documents = ['eu-west-1', 'us-east-1'].map(region => {
    const app = new App({ context: FAST, analyticsReporting: false });
    const made = new Stack(app, region, { env: { account: OTHER, region } });
    new ImageTrust(made, 'Trust', { repositories: [RepositorySelector.prefix('team/')], policy });
    const [published] = Object.values(Template.fromStack(made).findResources('Custom::TrustedImagesPolicy'));
    return published!.Properties.Policy as unknown;
  });
  expect(documents[0]).toBeDefined();
  expect(documents[1]).toEqual(documents[0]);
});
