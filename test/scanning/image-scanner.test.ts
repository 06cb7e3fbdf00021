import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { App, Duration, Lazy } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { SecurityGroup, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { Key } from 'aws-cdk-lib/aws-kms';
import { jobOf, manySelectors, scannerStack } from './scanner-stack';
import {
  EvidenceBucket,
  ImageScanner,
  PolicyStore,
  RepositorySelector,
  ScanCompute,
  ScannerImage,
  TrustRegister,
  VulnerabilityDatabase,
} from '../../src';
import { EMULATED_MACHINE } from '../../src/core/scanning/build-machine';
import { ExpectedBuild } from '../../src/core/scanning/provenance';
import { OVERTIME_SECONDS } from '../../src/core/scanning/scan-job';
import { Tries } from '../../src/core/times';
import { environmentOf, newStack, roleStatements, text } from '../support/synthesise';

const DIGEST = `sha256:${'a'.repeat(64)}`;
const READERS = join(__dirname, '../../assets/normal-form/build');
const sha256 = (bytes: Buffer | string) => createHash('sha256').update(bytes).digest('hex');

/** The files of the archive that builds download, and the buildspec. */
function readerFor(context: Record<string, unknown>, compute = ScanCompute.SMALL) {
  const { stack, template } = scannerStack(
    () => ({ compute }),
    newStack({ 'aws:cdk:disable-asset-staging': undefined, ...context }),
  );
  const [{ Properties }] = Object.values(template.findResources('AWS::CodeBuild::Project'));
  const [hash] = /[0-9a-f]{64}(?=\.zip)/.exec(text(Properties.Source.Location))!;
  const folder = join(App.of(stack)!.outdir, `asset.${hash}`);
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(each => each.isFile());
  return {
    archived: files.map(({ parentPath, name }) => relative(folder, join(parentPath, name))).sort(),
    buildSpec: Properties.Source.BuildSpec as string,
    environment: Properties.Environment,
  };
}

const TEAM = [RepositorySelector.prefix('team/')];

describe('by default', () => {
  const { stack, scanner, template } = scannerStack();
  const [project] = Object.values(template.findResources('AWS::CodeBuild::Project')).map(
    ({ Properties }) => Properties,
  );

  test('a build has the reader of images for its source, no cache, no artifacts of its own, and no privileges', () => {
    expect(project).toMatchObject({
      Artifacts: { Type: 'NO_ARTIFACTS' },
      Cache: { Type: 'NO_CACHE' },
      Source: { Type: 'S3' },
    });
    expect(text(project.Source.Location)).toMatch(
      /^cdk-hnb659fds-assets-\$\{AWS::AccountId\}-\$\{AWS::Region\}\/[0-9a-f]{64}\.zip$/,
    );
    expect(project.Environment).toEqual({
      ComputeType: 'BUILD_GENERAL1_SMALL',
      Image: expect.stringMatching(/^public\.ecr\.aws\/aquasecurity\/trivy@sha256:[0-9a-f]{64}$/),
      ImagePullCredentialsType: 'SERVICE_ROLE',
      PrivilegedMode: false,
      Type: 'LINUX_CONTAINER',
    });
    for (const property of [
      'SecondarySources',
      'SecondaryArtifacts',
      'FileSystemLocations',
      'BuildBatchConfig',
      'VpcConfig',
      'Triggers',
      'Visibility',
    ]) {
      expect(project[property]).toBeUndefined();
    }
  });

  test('the reader of images is for the machine of builds, and the archive has no other', () => {
    const { archived, buildSpec } = readerFor({});
    expect(archived).toEqual(['LICENSES.txt', 'amd64/normal-form']);
    expect(buildSpec).toContain('[ \\"$(uname -m)\\" = x86_64 ]');
    expect(buildSpec).toContain(sha256(readFileSync(join(READERS, 'amd64/normal-form'))));
  });

  test.each([
    ['ARM_SMALL', 'ARM_CONTAINER', 'BUILD_GENERAL1_SMALL'],
    ['ARM_MEDIUM', 'ARM_CONTAINER', 'BUILD_GENERAL1_MEDIUM'],
    ['ARM_LARGE', 'ARM_CONTAINER', 'BUILD_GENERAL1_LARGE'],
  ] as const)('on ScanCompute.%s, machine and reader are for Arm', (compute, Type, ComputeType) => {
    const { archived, buildSpec, environment } = readerFor({}, ScanCompute[compute]);
    expect(environment).toMatchObject({ Type, ComputeType });
    expect(environment.Image).toMatch(/^public\.ecr\.aws\/aquasecurity\/trivy@sha256:/); // an index
    expect(archived).toEqual(['LICENSES.txt', 'arm64/normal-form']);
    expect(buildSpec).toContain('[ \\"$(uname -m)\\" = aarch64 ]');
    expect(buildSpec).toContain(sha256(readFileSync(join(READERS, 'arm64/normal-form'))));
  });

  test.each([
    ['amd64', 0x3e],
    ['arm64', 0xb7],
  ])('the reader for %s is a program for that machine', (machine, elfMachine) => {
    expect(readFileSync(join(READERS, machine, 'normal-form')).readUInt16LE(18)).toBe(elfMachine);
  });

  test('where the embedded cloud runs on Arm, the reader is for Arm', () => {
    const { archived, buildSpec } = readerFor({ [EMULATED_MACHINE]: 'aarch64' });
    expect(archived).toEqual(['LICENSES.txt', 'arm64/normal-form']);
    expect(buildSpec).toContain('[ \\"$(uname -m)\\" = aarch64 ]');
    expect(buildSpec).toContain(sha256(readFileSync(join(READERS, 'arm64/normal-form'))));
    expect(() => readerFor({ [EMULATED_MACHINE]: 'm68k' })).toThrow(
      `the context ${EMULATED_MACHINE} is "m68k", allowed: x86_64, aarch64; leave it out, except for the embedded cloud`,
    );
  });

  test('no limit of the project: CodeBuild creates none above the quota, which may be 1 in a new account', () => {
    expect(project).not.toHaveProperty('ConcurrentBuildLimit');
    expect(environmentOf(template, 'Takes the scan lease')).toMatchObject({
      CONCURRENCY: '10',
      CONCURRENCY_PER_REPOSITORY: '5',
    });
  });

  test('15 minutes for a build, of which Trivy has all but one minute', () => {
    expect(project).toMatchObject({
      TimeoutInMinutes: 15,
      QueuedTimeoutInMinutes: 30,
    });
    expect(jobOf(template)).toMatchObject({
      seconds: 840,
      scan: expect.arrayContaining(['--timeout=840s']),
    });
    expect(OVERTIME_SECONDS).toBeLessThanOrEqual(60 - 30); // the container and the upload take their time too
  });

  test('what a build writes is encrypted by the key of the evidence', () => {
    expect(text(project.EncryptionKey)).toBe('EvidenceKey');
  });

  test('a build starts when its role may do what it needs', () => {
    const [{ DependsOn }] = Object.values(template.findResources('AWS::CodeBuild::Project')) as [any];
    expect(DependsOn.some((id: string) => id.startsWith('ScannerProjectRole'))).toBe(true);
  });

  test('the evaluator is told exactly what was synthesised', () => {
    const expected = stack.resolve(scanner._expectedBuild);
    expect(expected).toMatchObject({
      image: project.Environment.Image,
      environmentType: 'LINUX_CONTAINER',
      computeType: 'BUILD_GENERAL1_SMALL',
      privileged: false,
      variables: {},
    });
    expect(expected.buildspecSha256).toBe(sha256(project.Source.BuildSpec));
    expect(text(expected.project)).toBe('ScannerProject');
    expect(expected.serviceRole).toEqual(project.ServiceRole);
    expect(ExpectedBuild.safeParse(scanner._expectedBuild).success).toBe(true);
  });

  test('a new image of a selected repository, pushed, replicated or pulled through a cache, is a scan request', () => {
    template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: {
        source: ['aws.ecr'],
        'detail-type': ['ECR Image Action', 'ECR Replication Action', 'ECR Pull Through Cache Action'],
        account: [{ Ref: 'AWS::AccountId' }],
        region: [{ Ref: 'AWS::Region' }],
        detail: {
          'action-type': ['PUSH', 'REPLICATE', { exists: false }],
          result: ['SUCCESS', { exists: false }],
          'sync-status': ['SUCCESS', { exists: false }],
          'repository-name': [{ prefix: 'team/' }],
        },
      },
      Targets: [
        {
          Arn: { 'Fn::GetAtt': [Match.stringLikeRegexp('ScannerRequests'), 'Arn'] },
          DeadLetterConfig: Match.anyValue(),
        },
      ],
    });
  });

  test('the end of a build of this project, and of no other, is a scan result', () => {
    template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: {
        source: ['aws.codebuild'],
        'detail-type': ['CodeBuild Build State Change'],
        account: [{ Ref: 'AWS::AccountId' }],
        region: [{ Ref: 'AWS::Region' }],
        detail: {
          'project-name': [{ Ref: Match.stringLikeRegexp('ScannerProject') }],
          'build-status': ['SUCCEEDED', 'FAILED', 'STOPPED', 'FAULT', 'TIMED_OUT'],
        },
      },
    });
  });

  test('a lease outlives a build that waits and runs as long as it may', () => {
    expect(environmentOf(template, 'Takes the scan lease')).toMatchObject({
      LEASE_SECONDS: String((15 + 30) * 60 + 300),
      REPOSITORIES: '[{"by":"prefix","prefix":"team/"},{"by":"except","name":"ScannerProbeRepository"}]',
    });
  });

  test('every queue is encrypted, keeps messages for 14 days, and has dead letters with an alarm', () => {
    const queues = Object.values(template.findResources('AWS::SQS::Queue')).map(
      ({ Properties }) => Properties,
    );
    expect(queues).toHaveLength(5); // all share their dead letters
    for (const queue of queues) {
      expect(queue).toMatchObject({ SqsManagedSseEnabled: true, MessageRetentionPeriod: 1_209_600 });
    }
    const dead = Object.values(template.findResources('AWS::CloudWatch::Alarm')).filter(({ Properties }) =>
      JSON.stringify(Properties).includes('ApproximateNumberOfMessagesVisible'),
    );
    expect(dead).toMatchObject([{ Properties: { Threshold: 0, TreatMissingData: 'notBreaching' } }]);
  });

  test('one function starts all scans, from two queues', () => {
    const mappings = template.findResources('AWS::Lambda::EventSourceMapping', {
      Properties: { FunctionName: { Ref: Match.stringLikeRegexp('ScannerDispatcher') } },
    });
    expect(
      Object.values(mappings).map(({ Properties: { EventSourceArn, ScalingConfig } }) => [
        EventSourceArn['Fn::GetAtt'][0].slice(0, -8),
        ScalingConfig,
      ]),
    ).toEqual([
      ['ScannerRequests', { MaximumConcurrency: 2 }],
      ['ScannerBackground', { MaximumConcurrency: 2 }],
    ]);
  });

  test('renewals that need more than 80 % of the possible scans ring', () => {
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'ScanLoad',
      ComparisonOperator: 'GreaterThanThreshold',
      Threshold: 80,
    });
  });

  test('a message is hidden for longer than its function runs', () => {
    const queues = template.findResources('AWS::SQS::Queue');
    const functions = template.findResources('AWS::Lambda::Function');
    for (const {
      Properties: { EventSourceArn, FunctionName },
    } of Object.values(template.findResources('AWS::Lambda::EventSourceMapping'))) {
      expect(queues[EventSourceArn['Fn::GetAtt'][0]]!.Properties.VisibilityTimeout).toBeGreaterThan(
        functions[FunctionName.Ref]!.Properties.Timeout,
      );
    }
  });

  test('rule 4.7, backpressure and dead letters: each queue keeps a message for twice as many receipts as it has before it goes back as a new one', () => {
    const limits = Object.values(template.findResources('AWS::SQS::Queue')).flatMap(
      ({ Properties }) => Properties.RedrivePolicy?.maxReceiveCount ?? [],
    );
    expect(limits.length).toBeGreaterThan(2);
    expect(new Set(limits)).toEqual(new Set([Tries.receipts]));
    expect(Tries.receipts).toBeGreaterThanOrEqual(2 * Tries.freshAfter);
  });

  test('one bad message never holds up the others', () => {
    template.allResourcesProperties('AWS::Lambda::EventSourceMapping', {
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
  });
});

describe('overrides', () => {
  test('compute, timeout, concurrency', () => {
    const { template } = scannerStack(() => ({
      compute: ScanCompute.LARGE,
      timeout: Duration.minutes(60),
      concurrency: 1,
    }));
    template.hasResourceProperties('AWS::CodeBuild::Project', {
      ConcurrentBuildLimit: 1,
      TimeoutInMinutes: 60,
      Environment: { ComputeType: 'BUILD_GENERAL1_LARGE' },
    });
    expect(environmentOf(template, 'Takes the scan lease')).toMatchObject({
      LEASE_SECONDS: String((60 + 30) * 60 + 300),
      CONCURRENCY: '1',
      CONCURRENCY_PER_REPOSITORY: '1',
    });
  });

  test.each([
    [4, undefined, '2'],
    [100, 100, '100'],
    [5, 1, '1'],
  ])('of %j scans at once, one repository has %j: %s', (concurrency, concurrencyPerRepository, expected) => {
    expect(
      environmentOf(
        scannerStack(() => ({ concurrency, concurrencyPerRepository })).template,
        'Takes the scan lease',
      ).CONCURRENCY_PER_REPOSITORY,
    ).toBe(expected);
  });

  test('a concurrency that only the deployment knows', () => {
    const { template } = scannerStack(() => ({ concurrency: Lazy.number({ produce: () => 7 }) }));
    template.hasResourceProperties('AWS::CodeBuild::Project', { ConcurrentBuildLimit: 7 });
    expect(environmentOf(template, 'Takes the scan lease').CONCURRENCY).toBe('7');
  });

  test('Lambda compute: a mirror in Amazon ECR, no timeouts of the project', () => {
    const { template } = scannerStack(stack => ({
      compute: ScanCompute.LAMBDA_4GB,
      scannerImage: ScannerImage.fromEcrRepository(
        Repository.fromRepositoryName(stack, 'Mirror', 'mirror/trivy'),
        DIGEST,
      ),
    }));
    template.hasResourceProperties('AWS::CodeBuild::Project', {
      Environment: { Type: 'LINUX_LAMBDA_CONTAINER', ComputeType: 'BUILD_LAMBDA_4GB' },
      TimeoutInMinutes: Match.absent(),
      QueuedTimeoutInMinutes: Match.absent(),
    });
  });

  test('a mirror of the scanner image is pulled by digest, by the scan role', () => {
    const { template } = scannerStack(stack => ({
      scannerImage: ScannerImage.fromEcrRepository(
        Repository.fromRepositoryName(stack, 'Mirror', 'mirror/trivy'),
        DIGEST,
      ),
    }));
    const [
      {
        Properties: { Environment },
      },
    ] = Object.values(template.findResources('AWS::CodeBuild::Project')) as [any];
    expect(text(Environment.Image)).toMatch(new RegExp(`/mirror/trivy@${DIGEST}$`));
    expect(roleStatements(template).get('ScannerProjectRole')).toContainEqual(
      expect.objectContaining({
        effect: 'Allow',
        actions: ['ecr:BatchCheckLayerAvailability', 'ecr:GetDownloadUrlForLayer', 'ecr:BatchGetImage'],
        resources: ['arn:Partition:ecr:Region:AccountId:repository/mirror/trivy'],
      }),
    );
  });

  test('mirrors of both databases and of registries', () => {
    const { template } = scannerStack(() => ({
      database: VulnerabilityDatabase.fromRepositories({
        vulnerabilities: ['registry.example.com:5000/trivy-db:2'],
        java: [`registry.example.com/trivy-java-db@${DIGEST}`],
      }),
      registryMirrors: { 'docker.io': ['mirror.example.com:5000'] },
    }));
    const { download, files } = jobOf(template);
    expect(download.vulnerabilities).toContain('--db-repository=registry.example.com:5000/trivy-db:2');
    expect(download.java).toContain(`--java-db-repository=registry.example.com/trivy-java-db@${DIGEST}`);
    expect(files).toMatchObject({
      'trivy.yaml': '{"registry":{"mirrors":{"docker.io":["mirror.example.com:5000"]}}}',
    });
  });

  test('a key of your own encrypts what builds write', () => {
    const { template } = scannerStack(stack => ({
      evidence: new EvidenceBucket(stack, 'Own', {
        encryptionKey: Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:eu-west-1:123456789012:key/mine'),
      }),
    }));
    template.hasResourceProperties('AWS::CodeBuild::Project', {
      EncryptionKey: 'arn:aws:kms:eu-west-1:123456789012:key/mine',
    });
    expect(roleStatements(template).get('ScannerProjectRole')).toContainEqual(
      expect.objectContaining({
        actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
        resources: ['arn:aws:kms:eu-west-1:123456789012:key/mine'],
      }),
    );
  });
});

describe('in a VPC of your own', () => {
  const { template } = scannerStack(stack => {
    const vpc = Vpc.fromVpcAttributes(stack, 'Vpc', {
      vpcId: 'vpc-1',
      availabilityZones: ['a', 'b'],
      privateSubnetIds: ['subnet-1', 'subnet-2'],
      isolatedSubnetIds: ['subnet-3', 'subnet-4'],
    });
    return {
      network: {
        vpc,
        vpcSubnets: { subnetType: SubnetType.PRIVATE_ISOLATED },
        securityGroups: [SecurityGroup.fromSecurityGroupId(stack, 'Group', 'sg-1')],
      },
    };
  });
  const roles = roleStatements(template);

  test('builds and functions run there', () => {
    template.hasResourceProperties('AWS::CodeBuild::Project', {
      VpcConfig: { VpcId: 'vpc-1', Subnets: ['subnet-3', 'subnet-4'], SecurityGroupIds: ['sg-1'] },
    });
    template.allResourcesProperties('AWS::Lambda::Function', {
      VpcConfig: { SubnetIds: ['subnet-3', 'subnet-4'], SecurityGroupIds: ['sg-1'] },
    });
  });

  test('CodeBuild may attach a build to these subnets, and to no others', () => {
    const [permission] = roles
      .get('ScannerProjectRole')!
      .filter(({ actions }) => actions.includes('ec2:CreateNetworkInterfacePermission'));
    expect(permission!.resources).toEqual(['arn:Partition:ec2:Region:AccountId:network-interface/*']);
    expect(permission!.condition.StringEquals['ec2:AuthorizedService']).toBe('codebuild.amazonaws.com');
    expect(permission!.condition.StringEquals['ec2:Subnet'].map(text)).toEqual([
      'arn:Partition:ec2:Region:AccountId:subnet/subnet-3',
      'arn:Partition:ec2:Region:AccountId:subnet/subnet-4',
    ]);
  });

  test.each(['ScannerDispatcherRole', 'ScannerReconcilerRole'])(
    '%s: Lambda may attach the function, the code in it may not',
    role => {
      const network = roles.get(role)!.filter(({ actions }) => actions[0]!.startsWith('ec2:'));
      expect(network).toHaveLength(2);
      expect(network[0]).toMatchObject({ effect: 'Allow', resources: ['*'] });
      expect(network[1]).toEqual({
        sid: undefined,
        effect: 'Deny',
        actions: network[0]!.actions,
        resources: ['*'],
        condition: { Null: { 'lambda:SourceFunctionArn': 'false' } },
      });
    },
  );

  test('no managed policy of AWS, which would open every log group', () => {
    for (const { Properties } of Object.values(template.findResources('AWS::IAM::Role'))) {
      expect(Properties.ManagedPolicyArns).toBeUndefined();
    }
  });
});

describe('selectors', () => {
  test('several are one rule and one statement each', () => {
    const { template } = scannerStack(() => ({
      repositories: [
        RepositorySelector.prefix('team/'),
        RepositorySelector.prefix('shared/'),
        RepositorySelector.prefix('team/'),
      ],
    }));
    template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: { detail: { 'repository-name': [{ prefix: 'team/' }, { prefix: 'shared/' }] } },
    });
    expect(
      roleStatements(template)
        .get('ScannerProjectRole')!
        .filter(({ actions }) => actions.includes('ecr:BatchGetImage'))
        .flatMap(({ resources }) => resources),
    ).toEqual(
      expect.arrayContaining([
        'arn:Partition:ecr:Region:AccountId:repository/team/*',
        'arn:Partition:ecr:Region:AccountId:repository/shared/*',
      ]),
    );
  });

  test('by tag: builds pull only what carries it, and the dispatcher may look it up everywhere', () => {
    const { template } = scannerStack(() => ({ repositories: [RepositorySelector.tag('trusted', 'yes')] }));
    const condition = { StringEquals: { 'ecr:ResourceTag/trusted': 'yes' } };
    const anywhere = ['arn:Partition:ecr:Region:AccountId:repository/*'];
    const roles = roleStatements(template);
    expect(roles.get('ScannerProjectRole')).toContainEqual(
      expect.objectContaining({
        actions: ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
        resources: anywhere,
        condition,
      }),
    );
    expect(roles.get('ScannerDispatcherRole')).toContainEqual(
      expect.objectContaining({ actions: ['ecr:BatchGetImage'], resources: anywhere, condition }),
    );
    expect(roles.get('ScannerDispatcherRole')).toContainEqual({
      sid: undefined,
      effect: 'Allow',
      actions: ['ecr:ListTagsForResource'],
      resources: anywhere,
    });
    template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: { detail: { 'repository-name': [{ prefix: '' }] } },
    });
  });

  test('by name or prefix: the dispatcher asks for no tags', () => {
    expect(
      roleStatements(scannerStack().template)
        .get('ScannerDispatcherRole')!
        .flatMap(({ actions }) => actions),
    ).not.toContain('ecr:ListTagsForResource');
  });
});

test('two in one stack have nothing in common', () => {
  const stack = newStack();
  const props = {
    repositories: TEAM,
    register: new TrustRegister(stack, 'Register'),
    policies: new PolicyStore(stack, 'Policies'),
    evidence: new EvidenceBucket(stack, 'Evidence'),
  };
  new ImageScanner(stack, 'One', props);
  new ImageScanner(stack, 'Two', { ...props, repositories: [RepositorySelector.all()] });
  const template = Template.fromStack(stack);
  template.resourceCountIs('AWS::CodeBuild::Project', 2);
  const own = roleStatements(template)
    .get('TwoDispatcherRole')!
    .flatMap(({ resources }) => resources);
  expect(own.filter(resource => resource.startsWith('One'))).toEqual([]);
});

test('forty selectors fit', () => {
  const { template } = scannerStack(() => ({ repositories: manySelectors(40) }));
  const [
    {
      Properties: { EventPattern },
    },
  ] = Object.values(
    template.findResources('AWS::Events::Rule', { Properties: { EventPattern: { source: ['aws.ecr'] } } }),
  ) as [any];
  expect(JSON.stringify(EventPattern).length).toBeLessThan(2048);
  for (const { Properties } of Object.values(template.findResources('AWS::Lambda::Function'))) {
    // what tokens resolve to is longer than they
    expect(JSON.stringify(Properties.Environment?.Variables ?? {}).length).toBeLessThan(4096 - 800);
  }
});

test('how many builds were started is a metric of this scanner', () => {
  const { scanner, template } = scannerStack();
  const { POWERTOOLS_SERVICE_NAME: service } = environmentOf(template, 'Takes the scan lease');
  expect(scanner.metricScansStarted()).toMatchObject({
    namespace: 'TrustedImages',
    metricName: 'ScansStarted',
    statistic: 'Sum',
    dimensions: { service },
  });
  expect(scanner.metricScansStarted({ statistic: 'Maximum' })).toMatchObject({
    metricName: 'ScansStarted',
    statistic: 'Maximum',
  });
});
