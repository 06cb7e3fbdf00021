import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { Role } from 'aws-cdk-lib/aws-iam';
import {
  CloudFormationGate,
  EcsDeploymentGate,
  EmergencyAccess,
  Enforcement,
  EvidenceBucket,
  FindingsStorage,
  FindingsTable,
  ImageAlerts,
  ImageArchive,
  ImageAttestation,
  ImageScanner,
  ImageSigner,
  ImageTrust,
  PipelineGate,
  PolicyEvaluator,
  PolicyStore,
  RepositorySelector,
  RevocationWatcher,
  RunWatcher,
  SecurityHubFindings,
  SignatureWithdrawal,
  SignedManifests,
  TrustEvents,
  TrustRegister,
  type ImageTrustProps,
} from '../src';
import { tagged } from './gates/gated-stack';
import { FAST, newStack, roleStatements, trustStack } from './support/synthesise';

const repositories = [RepositorySelector.prefix('team/')];
const LESS = {
  'the findings table': { findings: FindingsStorage.NONE },
  alerts: { alertTopics: [] },
  'signatures in Amazon ECR': { signing: { signedManifests: SignedManifests.NONE } },
} as const satisfies Record<string, Partial<ImageTrustProps>>;

const OF_GATE = /^Trust(?:edImages)?Gate/;
const idsOf = (template: Template) => Object.keys(template.toJSON().Resources);
/** Without its gate, which is counted apart. */
const count = (props: Partial<ImageTrustProps> = {}) =>
  idsOf(trustStack(props).template).filter(id => !OF_GATE.test(id)).length;

type Make = (stack: Stack, trust: ImageTrust, id: string) => void;

/** What README names, and how to make it in a stack that has a trust. */
const BESIDE: Record<string, Make> = {
  'break-glass': (_, trust) => void trust.breakGlass,
  '`TrustedImage`': (stack, trust, id) => void tagged(stack, trust, `team/${id.toLowerCase()}`, id),
  '`CloudFormationGate`': (stack, trust, id) =>
    void new CloudFormationGate(stack, id, { trust, enforcement: Enforcement.audit() }),
  '`EcsDeploymentGate`': (stack, trust, id) => void new EcsDeploymentGate(stack, id, { trust }),
  '`PipelineGate`': (stack, trust, id) => void new PipelineGate(stack, id, { trust }),
  '`RunWatcher`': (stack, trust, id) => void new RunWatcher(stack, id, { trust }),
  '`RevocationWatcher`, `SecurityHubFindings`, `SignatureWithdrawal`, `ImageArchive`': (stack, trust) => {
    const { register, events, alerts, signer } = trust;
    new RevocationWatcher(stack, 'Revocations', { register, events, alerts });
    new SecurityHubFindings(stack, 'Hub', { register, events, alerts });
    new SignatureWithdrawal(stack, 'Withdrawal', { signer, register, events, alerts });
    new ImageArchive(stack, 'Archive', { repositories, register, events, alerts });
  },
};

/** Of a trust with everything. */
let whole: number;
beforeAll(() => {
  whole = count();
});

function added(make: Make, ids: readonly string[]): number {
  const { stack, trust } = trustStack();
  for (const id of ids) make(stack, trust, id);
  return idsOf(Template.fromStack(stack)).filter(id => !OF_GATE.test(id)).length - whole;
}

const readme = readFileSync(join(__dirname, '../README.md'), 'utf8');

test('what each part adds is what README says', () => {
  const said = [...readme.matchAll(/^\| ([^|]+) \| (\d+) resources? \|/gm)].map(([, part, resources]) => [
    part,
    Number(resources),
  ]);
  expect(said).toEqual([
    ['`ImageTrust`, by default', whole],
    ...Object.entries(LESS).map(([part, props]) => [part, whole - count(props)]),
    ['`ImageTrust`, without these parts', count(Object.assign({}, ...Object.values(LESS)))],
    ['its gate', idsOf(trustStack().template).filter(id => OF_GATE.test(id)).length],
    ...Object.entries(BESIDE).map(([part, make]) => [part, added(make, ['One'])]),
  ]);
});

test('the gate of an imported trust has what README says', () => {
  const stack = newStack();
  tagged(stack, ImageTrust.fromStackName(stack, 'Trust', { stackName: 'Platform' }));
  const ids = idsOf(Template.fromStack(stack)).filter(id => OF_GATE.test(id));
  expect(readme).toContain(`; ${ids.length} in an app that imports the trust |`);
  expect(ids.length).toBeLessThanOrEqual(12);
});

test('each function has a role and a log group of its own, as README says', () => {
  const { template } = trustStack();
  const of = (type: string) => Object.values(template.findResources(type));
  const functions = of('AWS::Lambda::Function').map(({ Properties }) => Properties);
  expect(readme).toContain(
    `each of the ${functions.length} functions of a trust has its own role, rights and log group`,
  );
  const [roles, logs] = [
    functions.map(({ Role: role }) => JSON.stringify(role)),
    functions.map(({ LoggingConfig }) => JSON.stringify(LoggingConfig.LogGroup)),
  ];
  expect(new Set(roles).size).toBe(functions.length);
  expect(new Set(logs).size).toBe(functions.length);
});

test('what a further gate in a stack adds is what README says', () => {
  const said = [...readme.matchAll(/^\| ([^|]+) \| .*each further one: (\d+) \|$/gm)];
  expect(said).toHaveLength(3);
  for (const [, part, resources] of said) {
    const make = BESIDE[part!]!;
    expect([part, added(make, ['One', 'Two']) - added(make, ['One'])]).toEqual([part, Number(resources)]);
  }
});

describe('a trust with less', () => {
  test('without a findings table nothing projects findings, and asking for it says so', () => {
    const { trust, template } = trustStack(LESS['the findings table']);
    expect(JSON.stringify(template.toJSON())).not.toContain('FINDINGS_TABLE');
    expect(() => trust.findings).toThrow(
      'Test/Trust has no findings table, because findings is FindingsStorage.NONE',
    );
  });

  test('without break-glass what is refused stays refused, and asking for it says so', () => {
    const { stack, trust } = trustStack({ emergencyAccess: EmergencyAccess.NONE });
    tagged(stack, trust);
    expect(JSON.stringify(Template.fromStack(stack).toJSON())).not.toMatch(/GRANTS_TABLE|AWS::Lambda::Url/);
    expect(() => trust.breakGlass).toThrow(
      'Test/Trust has no break-glass, because emergencyAccess is EmergencyAccess.NONE',
    );
  });

  test('without alerts nobody is notified, gates still answer, and the alarms that nobody hears are named', () => {
    const { stack, trust } = trustStack(LESS.alerts);
    tagged(stack, trust);
    const template = Template.fromStack(stack);
    for (const type of ['AWS::SNS::Topic', 'AWS::SNS::Subscription']) template.resourceCountIs(type, 0);
    expect(JSON.stringify(template.toJSON())).not.toContain('sns:Publish');
    Annotations.fromStack(stack).hasWarning(
      '/Test/Trust/Signer',
      Match.stringLikeRegexp('3 alarms have no action, so nobody hears of them: Test/Trust/Failures/'),
    );
  });

  test('without signatures in the registry the signer has no right there, and statements are signed', () => {
    const { template } = trustStack(LESS['signatures in Amazon ECR']);
    const rights = roleStatements(template).get('TrustSignerRole')!;
    expect(rights.flatMap(({ actions }) => actions).filter(action => action.startsWith('ecr:'))).toEqual([]);
    template.hasResourceProperties('AWS::Lambda::Function', {
      Environment: {
        Variables: Match.objectLike({ SIGN_OPTIONS: '{"manifests":"NONE","attestations":[]}' }),
      },
    });
  });

  test('attestations without signatures are an error', () => {
    const signing = { signedManifests: SignedManifests.NONE, attestations: [ImageAttestation.SBOM] };
    expect(() => trustStack({ signing })).toThrow(
      'the attestations SBOM are written beside a signature in the registry, and signedManifests is NONE',
    );
  });
});

describe('parts that are put together by hand', () => {
  function parts(isConnected: boolean): { stack: Stack; template: Template } {
    const stack = new Stack(new App({ context: FAST }), 'Test');
    const events = new TrustEvents(stack, 'Events');
    const register = new TrustRegister(stack, 'Register');
    const evidence = new EvidenceBucket(stack, 'Evidence');
    const policies = new PolicyStore(stack, 'Policies');
    const alerts = new ImageAlerts(stack, 'Alerts', { events, register });
    const scanner = new ImageScanner(stack, 'Scanner', { repositories, register, policies, evidence });
    const evaluator = new PolicyEvaluator(stack, 'Evaluator', {
      scanner,
      register,
      policies,
      evidence,
      events,
    });
    const signer = new ImageSigner(stack, 'Signer', { repositories, register, evidence, events });
    const findings = new FindingsTable(stack, 'Findings', { events, register, evidence });
    if (isConnected) {
      scanner.askSigner(signer);
      for (const { alarms } of [scanner, evaluator, signer, findings]) {
        alarms.forEach(alarm => alerts.addAlarm(alarm));
      }
    }
    return { stack, template: Template.fromStack(stack) };
  }

  test('with what is public, every alarm has an action, and the signer is asked', () => {
    const { stack, template } = parts(true);
    const alarms = Object.values(template.findResources('AWS::CloudWatch::Alarm'));
    expect(alarms.filter(({ Properties }) => (Properties.AlarmActions ?? []).length === 0)).toEqual([]);
    expect(alarms).toHaveLength(stack.node.findAll().filter(each => each instanceof Alarm).length);
    template.hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: Match.objectLike({ SIGN_REQUESTS_QUEUE_URL: Match.anyValue() }) },
    });
    Annotations.fromStack(stack).hasNoWarning('*', Match.stringLikeRegexp('alarms|asks this signer'));
  });

  test('what is forgotten is named', () => {
    const { stack } = parts(false);
    for (const part of ['Scanner', 'Evaluator', 'Signer']) {
      Annotations.fromStack(stack).hasWarning(
        `/Test/${part}`,
        Match.stringLikeRegexp('alarms have no action'),
      );
    }
    Annotations.fromStack(stack).hasWarning(
      '/Test/Signer',
      Match.stringLikeRegexp('no scanner asks this signer .*: call askSigner\\(\\) of the scanner'),
    );
  });

  test('ImageTrust forgets nothing', () => {
    const stack = newStack();
    const trust = new ImageTrust(stack, 'Trust', { repositories });
    trust.breakGlass.grantBreakGlass(Role.fromRoleName(stack, 'OnCall', 'on-call')); // only the app knows who
    Template.fromStack(stack);
    Annotations.fromStack(stack).hasNoWarning('*', Match.anyValue());
  });
});
