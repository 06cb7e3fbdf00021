import { Annotations as CoreAnnotations, type Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  BreakGlass,
  EmergencyAccess,
  ImageTrust,
  Importer,
  RepositorySelector,
  type ImageTrustProps,
} from '../../src';
import { tagged } from '../gates/gated-stack';
import {
  environmentOf,
  exceptedRoles,
  newStack,
  resourcePolicy,
  roleStatements,
  statementsOf,
  text,
  trustStack,
  type Statement,
} from '../support/synthesise';

const ACCOUNT = '210987654321';
const GRANTER = 'Lets an image run';
const MADE = { emergencyAccess: EmergencyAccess.BREAK_GLASS };

describe('break-glass is made when it is asked for', () => {
  /** The number of resources, and whether the gate reads grants. */
  const after = (use: (trust: ImageTrust, stack: Stack) => void, props: Partial<ImageTrustProps> = {}) => {
    const { stack, trust } = trustStack(props);
    use(trust, stack);
    const json = Template.fromStack(stack).toJSON();
    const isRead = /"GRANTS_TABLE":\{"Ref":"TrustBreakGlass/.test(JSON.stringify(json));
    return { resources: Object.keys(json.Resources), isRead };
  };
  const gated = (trust: ImageTrust, stack: Stack) => void tagged(stack, trust);
  const made = (resources: string[]) => resources.filter(id => id.startsWith('TrustBreakGlass'));

  test('before that nothing of it is there, and a gate reads no grants', () => {
    const { resources, isRead } = after(gated);
    expect([made(resources), isRead]).toEqual([[], false]);
  });

  test.each<[string, (trust: ImageTrust, stack: Stack) => void, Partial<ImageTrustProps>]>([
    ['by a use before the gate', (trust, stack) => void [trust.breakGlass, gated(trust, stack)], {}],
    ['by a use after the gate', (trust, stack) => void [gated(trust, stack), trust.breakGlass], {}],
    ['by the option', gated, MADE],
  ])('%s: all of it, and the gate reads grants', (_, use, props) => {
    const { resources, isRead } = after(use, props);
    expect([made(resources).length, isRead]).toEqual([13, true]);
  });

  test('a second use makes nothing more', () => {
    const twice = after(trust => void [trust.breakGlass, trust.breakGlass]);
    expect(made(twice.resources)).toHaveLength(13);
  });

  test('importers may use it, it is published, and its alarms reach people, whenever it is made', () => {
    const props = { importers: [Importer.account(ACCOUNT)], publishedAs: 'platform' };
    const late = trustStack(props);
    late.trust.breakGlass.grantBreakGlass(
      new Role(late.stack, 'OnCall', { assumedBy: new ServicePrincipal('ec2.amazonaws.com') }),
    );
    const resources = late.template.toJSON();
    expect(Object.keys(resources.Outputs)).toContain('TrustedImagesGrantsTableArn');
    expect(tablePolicy(late.template).map(({ sid }) => sid)).toEqual(['OnlyWriters', 'AskAccounts']);
    const alarms = Object.entries(late.template.findResources('AWS::CloudWatch::Alarm')).filter(([id]) =>
      id.startsWith('TrustBreakGlass'),
    );
    expect(alarms.map(([, { Properties }]) => Properties.AlarmActions?.map(text))).toEqual(
      alarms.map(() => ['TrustAlertsTopic']),
    );
  });
});

describe('who may grant', () => {
  const { stack, trust } = trustStack();
  const onCall = new Role(stack, 'OnCall', { assumedBy: new ServicePrincipal('ec2.amazonaws.com') });
  trust.breakGlass.grantBreakGlass(onCall);
  const template = Template.fromStack(stack);
  const statements = [...roleStatements(template)];
  const invoking = (action: string) =>
    statements.flatMap(([role, each]) =>
      each.filter(({ actions }) => actions.includes(action)).map(({ condition }) => ({ role, condition })),
    );

  test('rule 5.11, break-glass: nobody but whom the app names, and by the URL only, with IAM', () => {
    template.hasResourceProperties('AWS::Lambda::Url', { AuthType: 'AWS_IAM' });
    expect(invoking('lambda:InvokeFunctionUrl')).toEqual([
      { role: 'OnCall', condition: { StringEquals: { 'lambda:FunctionUrlAuthType': 'AWS_IAM' } } },
    ]);
    expect(
      invoking('lambda:InvokeFunction').filter(({ role }) => !/Framework|Provider/.test(role)),
    ).toContainEqual({
      role: 'OnCall',
      condition: { Bool: { 'lambda:InvokedViaFunctionUrl': 'true' } },
    });
    expect(
      template.findResources('AWS::Lambda::Permission', {
        Properties: { Action: 'lambda:InvokeFunctionUrl' },
      }),
    ).toEqual({});
  });
});

test('a gate reads the grants of its account, image by image, and nothing else of the table', () => {
  const { stack, trust } = trustStack(MADE);
  tagged(stack, trust);
  const template = Template.fromStack(stack);
  const reading = [...roleStatements(template)].flatMap(([role, statements]) =>
    statements
      .filter(
        ({ actions, resources }) =>
          actions.some(action => action.startsWith('dynamodb:')) && resources.includes('TrustBreakGlass'),
      )
      .map(({ actions, condition }) => ({ role, actions, condition })),
  );
  expect(reading.filter(({ role }) => !role.startsWith('TrustBreakGlass'))).toEqual([
    {
      role: expect.stringMatching(/AwaitRole$/),
      actions: ['dynamodb:Query'],
      condition: {
        'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': expect.any(Array) },
      },
    },
  ]);
  const [{ condition }] = reading.filter(({ role }) => role.endsWith('AwaitRole')) as [any];
  expect(condition['ForAllValues:StringLike']['dynamodb:LeadingKeys'].map(text)).toEqual(['AccountId|*']);
});

describe('what is easily forgotten is a warning at synthesis', () => {
  /** Not synthesised yet. */
  const made = (props: Partial<ImageTrustProps> = {}) => {
    const stack = newStack();
    const trust = new ImageTrust(stack, 'Trust', { repositories: [RepositorySelector.all()], ...props });
    return { stack, trust };
  };
  const FORGOTTEN = Match.stringLikeRegexp('cdk-trusted-images:nobodyMayGrant');
  const OF_NO_TRUST = Match.stringLikeRegexp('cdk-trusted-images:grantsOfNoTrust');

  test('that nobody may grant, until the app names who, leaves break-glass out, or acknowledges it', () => {
    const { stack } = made(MADE);
    Annotations.fromStack(stack).hasWarning(
      '/Test/Trust/BreakGlass',
      Match.stringLikeRegexp(
        'in an emergency nobody may grant: name who may with grantBreakGlass\\(role\\) and grantRead\\(role\\) of Test/Trust/BreakGlass, or set emergencyAccess .* EmergencyAccess.NONE',
      ),
    );
    const named = made();
    named.trust.breakGlass.grantBreakGlass(
      new Role(named.stack, 'OnCall', { assumedBy: new ServicePrincipal('ec2.amazonaws.com') }),
    );
    Annotations.fromStack(named.stack).hasNoWarning('*', FORGOTTEN);
    const none = made({ emergencyAccess: EmergencyAccess.NONE });
    Annotations.fromStack(none.stack).hasNoWarning('*', FORGOTTEN);
    Annotations.fromStack(made().stack).hasNoWarning('*', FORGOTTEN);
    const elsewhere = made(MADE);
    CoreAnnotations.of(elsewhere.trust).acknowledgeWarning(
      'cdk-trusted-images:nobodyMayGrant',
      'a permission set gives the right',
    );
    Annotations.fromStack(elsewhere.stack).hasNoWarning('*', FORGOTTEN);
  });

  test('that no gate reads the grants, because they are those of no trust', () => {
    const { stack, trust } = made({ emergencyAccess: EmergencyAccess.NONE });
    const breakGlass = new BreakGlass(stack, 'Own', { events: trust.events, register: trust.register });
    Annotations.fromStack(stack).hasWarning(
      '/Test/Own',
      Match.stringLikeRegexp(
        'no gate reads the break-glass grants of Test/Own, because it is part of no trust: pass it as breakGlass to ImageTrust.fromParts',
      ),
    );
    expect(breakGlass.table).toBeDefined();

    const composed = made({ emergencyAccess: EmergencyAccess.NONE });
    const { events, register, policies, scanner, signer, evidence, alerts } = composed.trust;
    ImageTrust.fromParts(composed.stack, 'Parts', {
      register,
      policies,
      scanner,
      signer,
      evidence,
      alerts,
      breakGlass: new BreakGlass(composed.stack, 'Own', { events, register }),
    });
    Annotations.fromStack(composed.stack).hasNoWarning('*', OF_NO_TRUST);
  });
});

describe('importers', () => {
  const accounts = (importers: Importer[]) =>
    environmentOf(trustStack({ ...MADE, importers }).template, GRANTER).GRANT_ACCOUNTS;

  test('a grant may name their accounts', () => {
    expect(accounts([])).toBe('["AccountId"]');
    expect(accounts([Importer.account(ACCOUNT)])).toBe(`["AccountId","${ACCOUNT}"]`);
    expect(accounts([Importer.organization('o-a1b2c3d4e5')])).toBe('"any"');
  });

  test('read the grants of their own account, and record uses', () => {
    const { template } = trustStack({ ...MADE, importers: [Importer.account(ACCOUNT)] });
    const [, read] = tablePolicy(template);
    expect(read).toMatchObject({
      sid: 'AskAccounts',
      actions: ['dynamodb:Query'],
      condition: {
        'ForAllValues:StringLike': {
          'dynamodb:LeadingKeys': ['${aws:PrincipalAccount}|*'],
        },
        Null: { 'dynamodb:LeadingKeys': 'false' },
      },
    });
    const queue = resourcePolicy(template, 'AWS::SQS::QueuePolicy', 'TrustBreakGlassMessagesPolicy');
    expect(queue.filter(({ effect }) => effect === 'Allow')).toMatchObject([
      { sid: 'AskAccounts', actions: ['sqs:SendMessage'] },
    ]);
  });

  test('read no grants unless they say so, because a trust of an earlier version publishes none', () => {
    const stack = newStack();
    tagged(stack, ImageTrust.fromStackName(stack, 'Trust', { stackName: 'Platform' }));
    expect(JSON.stringify(Template.fromStack(stack).toJSON())).not.toContain('GRANTS_TABLE');
  });
});

test('each grant is a row of its own: none is written over by the next', () => {
  trustStack(MADE).template.hasResourceProperties('AWS::DynamoDB::GlobalTable', {
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'grantId', KeyType: 'RANGE' },
    ],
  });
});

test('only the function that grants may write the table', () => {
  const [only] = tablePolicy(trustStack(MADE).template);
  expect(only).toMatchObject({ sid: 'OnlyWriters', effect: 'Deny', principal: '*' });
  expect(exceptedRoles(only!)).toEqual(['TrustBreakGlassGranterRole']);
});

function tablePolicy(template: Template): Statement[] {
  const [, { Properties }] = Object.entries(template.findResources('AWS::DynamoDB::GlobalTable')).find(
    ([id]) => id.slice(0, -8) === 'TrustBreakGlass',
  )!;
  return statementsOf(Properties.Replicas[0].ResourcePolicy.PolicyDocument);
}
