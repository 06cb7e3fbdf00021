import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { App, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Function as LambdaCode, Handler, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Topic } from 'aws-cdk-lib/aws-sns';
import {
  AdmissionKey,
  BreakGlass,
  CloudFormationGate,
  Enforcement,
  EvidenceBucket,
  ImageArchive,
  ImagePolicy,
  ImagesDashboard,
  ImageTrust,
  Importer,
  PipelineGate,
  PolicyFile,
  PolicyRule,
  RegoSource,
  RepositorySelector,
  RevocationWatcher,
  SecurityHubFindings,
  SignatureWithdrawal,
  TrustedImage,
  TrustedImagesPlugin,
  TrustedRepository,
  WaiverSource,
} from '../src';
import { waiverFile } from './e2e/waiver-file';
import { tagged } from './gates/gated-stack';
import { FAST, newStack, trustStack } from './support/synthesise';
import { addDays, dayOf } from '../src/core/waivers/life';

/** What JavaScript passes on: no compiler looks at it. */
const anything = (value: object): never => value as never;
const team = [RepositorySelector.prefix('team/')];

describe('the name of a repository', () => {
  const why = 'begins with the host of a registry, allowed: the name in the registry, "team/app"';
  test.each([
    '111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/app',
    '111122223333.dkr-ecr.eu-west-1.on.aws/team/app',
    '111122223333.dkr.ecr-fips.us-east-1.amazonaws.com/team/app',
    'public.ecr.aws/team/app',
  ])('is not an address: %s', name => {
    expect(() => RepositorySelector.name(name)).toThrow(`the repository name ${JSON.stringify(name)} ${why}`);
    expect(() => RepositorySelector.prefix(name)).toThrow(`the repository prefix "${name}" ${why}`);
    expect(() => new TrustedRepository(newStack(), 'App', { repositoryName: name })).toThrow(why);
  });

  test.each(['docker.io/library/nginx', 'ecr-public/aquasecurity/trivy', 'team/public.ecr.aws'])(
    'may have dots: %s',
    name => {
      expect(() => RepositorySelector.name(name)).not.toThrow();
    },
  );
});

/** How a test makes one mistake in the properties of a gate, or with the parts of a trust. */
function kinds() {
  const parts = (
    make: (
      of: Pick<ImageTrust, 'register' | 'events' | 'alerts'> & { stack: Stack; trust: ImageTrust },
    ) => unknown,
  ) => {
    const { stack, trust } = trustStack();
    const { register, events, alerts } = trust;
    return make({ stack, trust, register, events, alerts });
  };
  const gates = (props: object) => () =>
    parts(
      ({ stack, trust }) =>
        new CloudFormationGate(
          stack,
          'Gate',
          anything({ trust, enforcement: Enforcement.audit(), ...props }),
        ),
    );
  return { parts, gates };
}

describe('a policy for repositories that are not enrolled', () => {
  const synth = (
    policyFor: RepositorySelector,
    enrolled: RepositorySelector[] = team,
    more: (trust: ImageTrust, stack: Stack) => void = () => undefined,
  ) => {
    const { trust, stack } = trustStack({
      repositories: enrolled,
      repositoryPolicies: [{ repositories: [policyFor], policy: ImagePolicy.strict() }],
    });
    more(trust, stack);
    return () => (stack.node.root as App).synth();
  };

  test.each([
    [RepositorySelector.prefix('edge/'), 'the prefix "edge/"'],
    [RepositorySelector.name('edge/app'), 'the name "edge/app"'],
    [RepositorySelector.name('team'), 'the name "team"'],
  ])('is an error', (selector, shown) => {
    expect(synth(selector)).toThrow(
      `repositoryPolicies has a policy for ${shown}, and no such repository is enrolled, so the policy would judge nothing; enrolled: the prefix "team/"; correct it, or select the repository in the property "repositories" too`,
    );
  });

  test.each([
    [RepositorySelector.prefix('team/edge/'), team],
    [RepositorySelector.prefix('te'), team],
    [RepositorySelector.name('team/app'), team],
    [RepositorySelector.name('edge/app'), [RepositorySelector.tag('scan', 'yes')]],
    [RepositorySelector.name('edge/app'), [RepositorySelector.all()]],
  ])('%#: what may be enrolled is none', (selector, enrolled) => {
    expect(synth(selector, enrolled)).not.toThrow();
  });

  test('a deployment that asks for the repository enrols it', () => {
    const ask = (trust: ImageTrust, stack: Stack) => {
      tagged(stack, trust, 'edge/app');
    };
    expect(synth(RepositorySelector.name('edge/app'), team, ask)).not.toThrow();
  });
});

describe('from JavaScript', () => {
  test.each<[string, () => unknown, string]>([
    [
      'a misspelt option of a rule',
      () => PolicyRule.vulnerabilities(anything({ onlyFix: true })),
      'VulnerabilityRuleOptions has no property "onlyFix", did you mean "onlyFixed"? allowed: gracePeriod, onlyFixed, scoreAtLeast, severities',
    ],
    [
      'an option of before',
      () => new ImageTrust(newStack(), 'Trust', anything({ repositories: team, alertTopic: 1 })),
      'ImageTrustProps has no property "alertTopic", did you mean "alertTopics"? allowed: alertTopics, baseRepositories, compute, ',
    ],
    [
      'an option of signing',
      () => new ImageTrust(newStack(), 'Trust', anything({ repositories: team, signing: { keys: [] } })),
      'SigningOptions has no property "keys", did you mean "key"? allowed: attestations, formerKeys, key, signedManifests',
    ],
    [
      'an option of the network',
      () => new ImageTrust(newStack(), 'Trust', anything({ repositories: team, network: { subnets: {} } })),
      'NetworkOptions has no property "subnets", did you mean "vpcSubnets"? allowed: securityGroups, vpc, vpcSubnets',
    ],
    [
      'no repositories',
      () => new ImageTrust(newStack(), 'Trust', anything({})),
      'ImageTrustProps needs the property "repositories", which is missing, allowed: a list of RepositorySelector, for example [RepositorySelector.prefix("team/")]',
    ],
    [
      'no properties',
      () => new ImageTrust(newStack(), 'Trust', undefined as never),
      'ImageTrustProps needs the property "repositories", which is missing',
    ],
    [
      'repositories, misspelt',
      () => new ImageTrust(newStack(), 'Trust', anything({ repositorys: team })),
      'ImageTrustProps has no property "repositorys", did you mean "repositories"? allowed: ',
    ],
    [
      'a text for a selector',
      () => new ImageTrust(newStack(), 'Trust', anything({ repositories: ['team/'] })),
      'the property "repositories" of ImageTrustProps is a list with "team/", allowed: a list of RepositorySelector, for example',
    ],
    [
      'one selector for a list',
      () => new ImageTrust(newStack(), 'Trust', anything({ repositories: team[0]! })),
      'the property "repositories" of ImageTrustProps is an object, which is no list, allowed: a list of',
    ],
    [
      'an imported key for a signing key',
      () => {
        const stack = newStack();
        const key = Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:eu-west-1:111122223333:key/1');
        return new ImageTrust(stack, 'Trust', anything({ repositories: team, signing: { key } }));
      },
      'the property "key" of SigningOptions is the construct Test/Key, allowed: a SigningKey; new SigningKey(scope, id, { key }) takes an existing key',
    ],
    [
      'a bucket for an evidence bucket',
      () => {
        const stack = newStack();
        const evidence = Bucket.fromBucketName(stack, 'Bucket', 'mine');
        return new ImageTrust(stack, 'Trust', anything({ repositories: team, evidence }));
      },
      'the property "evidence" of ImageTrustProps is the construct Test/Bucket, allowed: an EvidenceBucket',
    ],
    [
      'a topic for an alert topic',
      () => {
        const stack = newStack();
        return new ImageTrust(
          stack,
          'Trust',
          anything({ repositories: team, alertTopics: [new Topic(stack, 'Topic')] }),
        );
      },
      'the property "alertTopics" of ImageTrustProps is a list with the construct Test/Topic, allowed: a list of AlertTopic, for example [AlertTopic.text()]',
    ],
    [
      'the name of a file for waivers',
      () => new ImageTrust(newStack(), 'Trust', anything({ repositories: team, waivers: 'waivers.yaml' })),
      'the property "waivers" of ImageTrustProps is "waivers.yaml", allowed: a WaiverSource, for example WaiverSource.fromFile("waivers.yaml")',
    ],
    [
      'a gate without a trust',
      () => TrustedImage.fromTag(newStack(), 'Image', anything({ repository: {}, tag: 'v1' })),
      'TrustedImageFromTagProps needs the property "trust", which is missing',
    ],
    [
      'a gate with a misspelt option',
      () =>
        TrustedImage.fromAsset(newStack(), 'Image', anything({ trust: {}, directory: '.', enforcment: 1 })),
      'TrustedImageFromAssetProps has no property "enforcment", did you mean "enforcement"?',
    ],
  ])('%s', (_, make, message) => {
    expect(make).toThrow(message);
  });

  const A_DURATION = 'allowed: a Duration';
  const at = (props: object) => () =>
    new ImageTrust(newStack(), 'Trust', anything({ repositories: team, ...props }));
  const { gates, parts } = kinds();
  test.each<[string, () => unknown, string]>([
    [
      'days',
      at({ maxWaiverLife: 90 }),
      `"maxWaiverLife" of ImageTrustProps is 90, ${A_DURATION} of whole days`,
    ],
    ['minutes', at({ timeout: 30 }), `"timeout" of ImageTrustProps is 30, ${A_DURATION}`],
    [
      'days of a grace period',
      () => PolicyRule.vulnerabilities(anything({ gracePeriod: { high: 30 } })),
      `"high" of GracePeriod is 30, ${A_DURATION} of whole days`,
    ],
    [
      'days until an image is archived',
      () =>
        parts(
          ({ stack, register, events, alerts }) =>
            new ImageArchive(
              stack,
              'Archive',
              anything({ repositories: team, register, events, alerts, gracePeriod: 7 }),
            ),
        ),
      `"gracePeriod" of ImageArchiveProps is 7, ${A_DURATION} of 1 to 365 days, for example Duration.days(7)`,
    ],
    [
      'whether images in use are archived',
      () =>
        parts(
          ({ stack, register, events, alerts }) =>
            new ImageArchive(
              stack,
              'Archive',
              anything({ repositories: team, register, events, alerts, imagesInUse: true }),
            ),
        ),
      '"imagesInUse" of ImageArchiveProps is true, allowed: ImagesInUse.KEEP or ImagesInUse.ARCHIVE',
    ],
    [
      'a network without a VPC',
      at({ network: {} }),
      'NetworkOptions needs the property "vpc", which is missing, allowed: a VPC, for example Vpc.fromLookup()',
    ],
    [
      'a construct for properties',
      () => new ImageTrust(newStack(), 'Trust', anything(new Topic(newStack(), 'Topic'))),
      'ImageTrustProps is the construct Test/Topic, allowed: an object with alertTopics, ',
    ],
    [
      'a name for properties',
      () => ImageTrust.fromStackName(newStack(), 'Trust', anything('Platform' as never)),
      'ImportFromStackProps is "Platform", allowed: an object with alertTopic, emergencyAccess, gate, network, region, stackName',
    ],
    [
      'one image for a list',
      gates({ allowedImages: 'public.ecr.aws/otel@sha256:1' }),
      '"allowedImages" of CloudFormationGateProps is "public.ecr.aws/otel@sha256:1", which is no list, allowed: a list of images with their digests',
    ],
    [
      'a function that was not called',
      gates({ enforcement: Enforcement.audit }),
      '"enforcement" of CloudFormationGateProps is the function audit, allowed: Enforcement.audit() or Enforcement.refuse()',
    ],
    [
      'a part of the trust for the trust',
      () =>
        parts(
          ({ stack, register }) =>
            new CloudFormationGate(
              stack,
              'Gate',
              anything({ trust: register, enforcement: Enforcement.audit() }),
            ),
        ),
      '"trust" of CloudFormationGateProps is the construct Test/Trust/Register, allowed: an ImageTrust of this app, or an imported one, for example by ImageTrust.fromStackName()',
    ],
    [
      'the name of the trust for the trust',
      gates({ trust: 'Trust' }),
      '"trust" of CloudFormationGateProps is "Trust", allowed: an ImageTrust of this app, or',
    ],
    [
      'a TrustedRepository for a repository',
      () =>
        parts(({ stack, trust }) =>
          TrustedImage.fromTag(
            stack,
            'Image',
            anything({
              trust,
              repository: trust.addRepository('App', { repositoryName: 'team/app' }),
              tag: 'v1',
            }),
          ),
        ),
      '"repository" of TrustedImageFromTagProps is the construct Test/Trust/App, allowed: a repository, for example Repository.fromRepositoryName(), or "repository" of a TrustedRepository',
    ],
    [
      'the name of a repository for a repository',
      () =>
        parts(({ stack, trust }) =>
          TrustedImage.fromTag(stack, 'Image', anything({ trust, repository: 'team/app', tag: 'v1' })),
        ),
      '"repository" of TrustedImageFromTagProps is "team/app", allowed: a repository, ',
    ],
    [
      'an image of CDK for the name of one',
      () =>
        parts(({ stack, trust }) =>
          new PipelineGate(stack, 'Gate', { trust }).action(
            anything({ actionName: 'Gate', images: [ContainerImage.fromRegistry('nginx')] }),
          ),
        ),
      '"images" of PipelineGateActionProps is a list with an object, allowed: a list of images, each with its digest, ',
    ],
    [
      'a number for a version',
      () => ImageTrust.fromAttributes(newStack(), 'Trust', anything({ schemaVersion: 1 })),
      `"schemaVersion" of ImportFromAttributesProps is 1, allowed: a text, for example "1"`,
    ],
  ])('of another kind: %s', (_, make, message) => {
    expect(make).toThrow(message);
  });

  test.each<[string, () => unknown, string]>([
    ['a VPC', at({ vpc: 1 }), 'ImageTrustProps has no property "vpc"; allowed: alertTopics, '],
    ['break-glass', at({ breakGlass: true }), 'ImageTrustProps has no property "breakGlass"; allowed: '],
    [
      'the whole trust, where a construct takes its parts',
      () => parts(({ stack, trust }) => new RevocationWatcher(stack, 'Watcher', anything({ trust }))),
      'RevocationWatcherProps has no property "trust", and needs "events" (a TrustEvents: "events" of an ImageTrust of this app, or made by hand; an imported trust has no such part, so make the RevocationWatcher in the app that has the trust); allowed: alerts, events, network, register',
    ],
    ['a service', gates({ service: 1 }), 'CloudFormationGateProps has no property "service"; allowed: '],
    [
      'stacks that the gate leaves out',
      gates({ excludeStacks: ['a'] }),
      'CloudFormationGateProps has no property "excludeStacks"; allowed: allowedImages, enforcement, reservedConcurrency, trust',
    ],
  ])('no name is suggested that nobody can have meant: %s', (_, make, message) => {
    expect(make).toThrow(message);
  });

  test.each<[string, () => unknown, string]>([
    [
      'a policy for a rule',
      () => ImagePolicy.standard().plus(anything(ImagePolicy.strict())),
      'plus() of an ImagePolicy got an object, allowed: a PolicyRule, for example PolicyRule.secrets()',
    ],
    [
      'a number for the age of a database',
      () => PolicyRule.databaseAge(anything(48 as never)),
      'PolicyRule.databaseAge() got 48, allowed: a Duration, for example Duration.hours(48)',
    ],
    [
      'a removal policy in words',
      at({ removalPolicy: 'destroyed' }),
      'the property "removalPolicy" of ImageTrustProps is "destroyed", allowed: a RemovalPolicy, for example RemovalPolicy.DESTROY',
    ],
    [
      'break-glass of an imported trust',
      () =>
        (
          ImageTrust.fromStackName(newStack(), 'Trust', { stackName: 'Platform' }) as unknown as ImageTrust
        ).breakGlass.grantBreakGlass(anything({})),
      'Test/Trust is an imported trust, which has no breakGlass here, allowed: grantBreakGlass() in the app that has the trust; its grants count here too',
    ],
    [
      'a score above the scale',
      () => PolicyRule.vulnerabilities({ scoreAtLeast: 11 }),
      'the rule vulnerabilities is not valid: scoreAtLeast: scoreAtLeast is the number "11", allowed: 10 or less',
    ],
    [
      'no time for a scan',
      at({ timeout: Duration.seconds(1) }),
      'timeout, which is how long a scan may take, is 1 second, allowed: 5 to 60 minutes, for example Duration.minutes(15)',
    ],
    [
      'hours for whole days',
      () => PolicyRule.vulnerabilities({ gracePeriod: { critical: Duration.hours(12) } }),
      '"critical" of GracePeriod is 12 hours, allowed: a Duration of whole days, 1 to 365, for example Duration.days(30)',
    ],
    [
      'one repository twice',
      () =>
        parts(({ trust }) => {
          trust.addRepository('App', { repositoryName: 'team/app' });
          trust.addRepository('Other', { repositoryName: 'team/app' });
        }),
      'addRepository("Other") names the repository "team/app", which App of Test/Trust makes already, allowed: a name of its own; use what the first call returned',
    ],
  ])('is refused with the value, what is allowed and an example: %s', (_, make, message) => {
    expect(make).toThrow(message);
  });

  test('what is undefined is not given', () => {
    expect(() => PolicyRule.vulnerabilities(anything({ onlyFix: undefined }))).not.toThrow();
  });
});

describe('an imported trust', () => {
  const imported = (stack: Stack) => ImageTrust.fromStackName(stack, 'Trust', { stackName: 'Platform' });
  const OF_ANOTHER_APP: [string, new (scope: Stack, id: string, props: never) => unknown, string[]][] = [
    ['RevocationWatcher', RevocationWatcher, ['events', 'register', 'alerts']],
    ['SignatureWithdrawal', SignatureWithdrawal, ['signer', 'events', 'register', 'alerts']],
    ['ImageArchive', ImageArchive, ['register', 'events', 'alerts']],
    ['SecurityHubFindings', SecurityHubFindings, ['events', 'register', 'alerts']],
    ['BreakGlass', BreakGlass, ['events', 'register']],
  ];

  test.each(OF_ANOTHER_APP)('has no parts for a %s, which says where it belongs', (name, Made, parts) => {
    const make = (part: (trust: object, name: string) => unknown) => () => {
      const stack = newStack();
      const trust = imported(stack);
      const given = Object.fromEntries(parts.map(each => [each, part(trust, each)]));
      new Made(stack, 'Made', anything({ ...given, ...(name === 'ImageArchive' && { repositories: team }) }));
    };
    const where = `of an ImageTrust of this app, or made by hand; an imported trust has no such part, so make the ${name} in the app that has the trust`;
    expect(make((trust, part) => Reflect.get(trust, part))).toThrow(
      new RegExp(`needs the property "\\w+", which is missing, allowed: an? \\w+: "\\w+" ${where}`),
    );
    expect(make(trust => trust)).toThrow(
      new RegExp(`is the construct Test/Trust, allowed: an? \\w+: "\\w+" ${where}`),
    );
  });

  test('has its dashboard in its own app', () => {
    const stack = newStack();
    const trust = anything(imported(stack));
    expect(() => new ImagesDashboard(stack, 'Dashboard', { trust })).toThrow(
      'is the construct Test/Trust, allowed: an ImageTrust of this app; an imported trust has its dashboard in the app that has the trust',
    );
  });

  test('has no signer: policies for Kubernetes name its keys', () => {
    const { signer } = imported(newStack()) as never as { signer?: { key: never } };
    expect(() => AdmissionKey.kms(signer?.key as never)).toThrow(
      'AdmissionKey.kms() has no key, allowed: a key of AWS KMS, trust.signer.key.key of an ImageTrust of this app; of an imported trust, Key.fromKeyArn() with an ARN of its output TrustedImagesSigningKeys, or AdmissionKey.pem()',
    );
  });

  test('is not what the check at synthesis takes', () => {
    const props = anything({ repositories: team, trust: imported(newStack()) });
    expect(() => new TrustedImagesPlugin(props)).toThrow(
      'TrustedImagesPluginProps has no property "trust"; allowed: account, ',
    );
  });
});

test('every interface of the library that a caller fills in is checked', () => {
  const text = (file: string) => readFileSync(join(__dirname, '../src', file), 'utf8');
  const files = [...text('index.ts').matchAll(/from '\.\/(.+)'/g)].map(([, name]) => `${name}.ts`);
  const interfaces = files.flatMap(file =>
    [...text(file).matchAll(/^export interface (\w+)/gm)].map(([, name]) => name!),
  );
  const all = files
    .concat('queues/handler.ts', 'sharing/import-trust.ts', 'gates/composed-trust.ts')
    .map(text)
    .join('\n')
    .replace(/\(\n\s+/g, '(');
  const isFilledIn = (name: string) => !/^I[A-Z]/.test(name); // the others are of constructs
  const isChecked = (name: string) => new RegExp(`check(?:ed|Properties)\\('${name}'`).test(all);
  const unchecked = interfaces.filter(name => isFilledIn(name) && !isChecked(name));
  expect(unchecked.sort()).toEqual([
    'ImportOptions', // a part of the properties of each import
    'RegoFolder', // internal
    'ScanOptions', // a part of ImageScannerProps and ImageTrustProps
    'ServiceGateOptions', // a part of the properties of each gate in a service
    'TrustedImageOptions', // a part of the properties of each gate
  ]);
});

describe('a file that is not there', () => {
  const where = (path: string, what = 'file') =>
    `the ${what} "${path}" is not there: a relative path begins in the folder in which the app runs, so it is ${JSON.stringify(resolve(path))}; allowed: the path of a ${what}, for example join(__dirname, "${path}")`;

  test.each<[string, () => unknown, string]>([
    ['waivers', () => WaiverSource.fromFile('w.yaml'), where('w.yaml')],
    ['.trivyignore', () => WaiverSource.fromTrivyIgnore('.ignore'), where('.ignore')],
    ['VEX', () => WaiverSource.fromOpenVex('a.json', { registries: [] }), where('a.json')],
    ['a policy file', () => PolicyFile.load('p.yaml'), where('p.yaml')],
    ['a policy', () => ImagePolicy.fromFile('p.yaml'), where('p.yaml')],
    ['Rego', () => RegoSource.fromFile('p.rego'), where('p.rego')],
    ['a folder of Rego', () => RegoSource.fromFolder('policies'), where('policies', 'folder')],
  ])('%s: the message names the folder in which it was looked for', (_, read, message) => {
    expect(read).toThrow(message);
  });

  test('a folder instead of a file', () => {
    expect(() => WaiverSource.fromFile('src')).toThrow('the file "src" cannot be read (EISDIR)');
  });
});

describe('what synthesises and means something else is a warning that comes once and can be acknowledged', () => {
  const twice = (one: RepositorySelector, other: RepositorySelector) => () => {
    const { stack } = trustStack({ repositories: [one] });
    new ImageTrust(stack, 'Second', { repositories: [other], gate: { gateName: 'second' } });
    return stack;
  };
  const alone = (props: object) => () => trustStack({ repositories: team, ...props }).stack;
  const file = (repository: string) => {
    const path = join(mkdtempSync(join(tmpdir(), 'mistakes-')), 'waivers.yaml');
    writeFileSync(path, waiverFile(repository, addDays(dayOf(new Date()), 2)));
    return WaiverSource.fromFile(path);
  };

  test.each<[string, () => Stack, string, string]>([
    [
      'a tag that moves',
      () => {
        const { stack, trust } = trustStack();
        const repository = Repository.fromRepositoryName(stack, 'Repository', 'team/app');
        const image = TrustedImage.fromTag(stack, 'Image', { trust, repository, tag: 'latest' });
        new CfnOutput(stack, 'Uri', { value: image.imageUri });
        return stack;
      },
      'movedTag',
      'Test/Image is what the tag "latest" names when the stack is deployed: a later push moves the tag and not the stack',
    ],
    [
      'two trusts for one repository',
      twice(RepositorySelector.prefix('team/'), RepositorySelector.name('team/app')),
      'secondTrust',
      'Test/Second enrols the name "team/app", and Test/Trust enrols the prefix "team/": each image of both is scanned and paid for twice',
    ],
    [
      'a prefix that ends within a name',
      alone({ repositories: [RepositorySelector.prefix('shop'), RepositorySelector.prefix('shopping/')] }),
      'openPrefix',
      'the prefix "shop" also selects the prefix "shopping/", because it does not end with "/"; end it: RepositorySelector.prefix("shop/")',
    ],
    [
      'importers who find no outputs',
      alone({ importers: [Importer.account('210987654321')] }),
      'importersOfUnpublished',
      'Test/Trust has importers and no publishedAs',
    ],
    [
      'a gate that refuses what a policy only reports',
      () => {
        const { stack, trust } = trustStack({ repositories: team, policy: ImagePolicy.audit() });
        new CloudFormationGate(stack, 'Gate', { trust, enforcement: Enforcement.refuse() });
        return stack;
      },
      'auditPolicy',
      'the policy only reports, so every image that can be scanned passes, also where a gate is to refuse: Test/Gate; ',
    ],
    [
      'a waiver for a repository that nothing enrols',
      alone({ waivers: file('taem/app') }),
      'waiverOfNoRepository',
      'waivers name repositories that nothing enrols, so they cover nothing there: "taem/app"; enrolled: the prefix "team/"',
    ],
  ])('%s', (_, make, id, text) => {
    const stack = make();
    (stack.node.root as App).synth();
    const found = Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp(id));
    expect(found.map(({ entry }) => entry.data)).toEqual([expect.stringContaining(text)]);
    expect(found[0]!.entry.data).toContain(`[ack: cdk-trusted-images:${id}]`);
  });

  test.each<[string, () => Stack, string]>([
    [
      'two trusts for two prefixes',
      twice(RepositorySelector.prefix('team/'), RepositorySelector.prefix('tea/')),
      'secondTrust',
    ],
    [
      'a folder in a folder',
      alone({ repositories: [RepositorySelector.prefix('shop'), RepositorySelector.prefix('shop/edge/')] }),
      'openPrefix',
    ],
    [
      'a prefix that ends with a hyphen',
      alone({ repositories: [RepositorySelector.prefix('team-'), RepositorySelector.name('team-a/api')] }),
      'openPrefix',
    ],
    [
      'a policy of its own for a part of a prefix',
      alone({
        repositories: [RepositorySelector.prefix('shop')],
        repositoryPolicies: [
          { repositories: [RepositorySelector.prefix('shopping/')], policy: ImagePolicy.strict() },
        ],
      }),
      'openPrefix',
    ],
    [
      'a gate that only audits',
      () => {
        const { stack, trust } = trustStack({ repositories: team, policy: ImagePolicy.audit() });
        new CloudFormationGate(stack, 'Gate', { trust, enforcement: Enforcement.audit() });
        return stack;
      },
      'auditPolicy',
    ],
    ['a waiver for what is enrolled', alone({ waivers: file('team/app') }), 'waiverOfNoRepository'],
    ['a waiver for a pattern', alone({ waivers: file('shop/*') }), 'waiverOfNoRepository'],
  ])('%s is none', (_, make, id) => {
    const stack = make();
    (stack.node.root as App).synth();
    Annotations.fromStack(stack).hasNoWarning('*', Match.stringLikeRegexp(id));
  });
});

describe('a function behind a gate may hear the events of its trust', () => {
  function eventStack(): Template {
    const stack = new Stack(new App({ context: FAST }), 'Test');
    const trust = new ImageTrust(stack, 'Trust', {
      repositories: team,
      evidence: new EvidenceBucket(stack, 'Evidence'),
    });
    const image = tagged(stack, trust);
    const code = { code: image.toLambdaCode(), handler: Handler.FROM_IMAGE, runtime: Runtime.FROM_IMAGE };
    trust.events.onImageRevoked('OnRevoked', {
      target: new LambdaFunction(new LambdaCode(stack, 'Hears', code)),
    });
    return Template.fromStack(stack, { skipCyclicalDependenciesCheck: true });
  }

  test('in one stack, no resource waits for itself', () => {
    expect(circleIn(eventStack().toJSON().Resources)).toEqual([]);
  });
});

/** Resources that wait for one another, in this order, or none. */
function circleIn(resources: Record<string, any>): string[] {
  const done = new Set<string>();
  const look = (id: string, path: readonly string[]): string[] => {
    if (path.includes(id)) return [...path.slice(path.indexOf(id)), id];
    if (done.has(id) || resources[id] === undefined) return [];
    const named = [...JSON.stringify(resources[id]).matchAll(/"(?:Ref|Fn::GetAtt)":\[?"([^"]+)"/g)];
    const after = [...named.map(([, other]) => other!), ...[resources[id].DependsOn ?? []].flat()];
    const found = after.map(other => look(other, [...path, id])).find(circle => circle.length > 0);
    done.add(id);
    return found ?? [];
  };
  return (
    Object.keys(resources)
      .map(id => look(id, []))
      .find(circle => circle.length > 0) ?? []
  );
}
