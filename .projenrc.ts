import { awscdk, javascript } from 'projen';
import { addBoundaries } from './projenrc/boundaries';
import { addCli } from './projenrc/cli';
import { addGoPrograms } from './projenrc/go-programs';
import { addHandlers } from './projenrc/handlers';
import { addJest } from './projenrc/jest';
import { addLint } from './projenrc/lint';
import { addNames, NAMES, namesOf } from './projenrc/names';
import { addNightly } from './projenrc/nightly';
import { addPackage } from './projenrc/package';
import { addRelease } from './projenrc/release';
import { addRooms } from './projenrc/rooms';
import { addTasks } from './projenrc/tasks';
import { addWorkflows } from './projenrc/workflows';
import { NODE_MAJOR } from './src/core/function-runtime';

const names = namesOf(NAMES);

const project = new awscdk.AwsCdkConstructLibrary({
  name: 'cdk-trusted-images',
  description: 'Let only those ECR images run whose exact digest a Trivy scan found to pass policy',
  author: 'The cdk-trusted-images authors',
  authorAddress: NAMES.contact,
  repositoryUrl: `${names.repository}.git`,
  license: 'Apache-2.0',
  stability: 'experimental',
  defaultReleaseBranch: 'main',
  keywords: ['aws', 'cdk', 'ecr', 'trivy', 'cosign', 'container', 'supply-chain'],

  projenrcTs: true,
  projenVersion: '0.103.25',
  packageManager: javascript.NodePackageManager.NPM,
  minNodeVersion: `${NODE_MAJOR}.0.0`,
  workflowNodeVersion: String(NODE_MAJOR),
  cdkVersion: '2.258.0', // 2.257 refuses the finding ids of cdk-nag 3
  constructsVersion: '10.5.1',
  jsiiVersion: '~6.0.0',
  typescriptVersion: '~6.0.0',
  jestOptions: {
    jestVersion: '^30',
    updateSnapshot: javascript.UpdateSnapshot.NEVER,
    extraCliOptions: ['--json', '--outputFile=test-reports/unit.json'],
    jestConfig: {
      collectCoverage: false,
      testMatch: ['<rootDir>/test/**/*.test.ts'],
      testPathIgnorePatterns: ['/node_modules/'],
    },
  },
  // with `prettier`, it has no rules for format: oxfmt formats
  eslintOptions: { dirs: ['src'], commandOptions: { fix: false }, prettier: true },
  typecheckTests: true,
  lambdaAutoDiscover: false,
  integrationTestAutoDiscover: false,
  sampleCode: false,
  github: false, // projenrc/workflows.ts has the workflows
  release: false,
  depsUpgradeOptions: { cooldown: 7 }, // days: most stolen releases are withdrawn by then

  bundledDeps: ['spdx-license-ids@^3.0.24', 'yaml@^2.9.0', 'zod@^4.6.0'],
  devDeps: [
    ...[
      'client-batch',
      'client-cloudformation',
      'client-cloudtrail',
      'client-cloudwatch',
      'client-cloudwatch-logs',
      'client-codebuild',
      'client-codepipeline',
      'client-dynamodb',
      'client-ecr',
      'client-ecs',
      'client-eventbridge',
      'client-iam',
      'client-kms',
      'client-lambda',
      'client-s3',
      'client-secrets-manager',
      'client-securityhub',
      'client-service-quotas',
      'client-sfn',
      'client-sns',
      'client-sqs',
      'client-ssm',
      'client-sts',
      'lib-dynamodb',
    ].map(client => `@aws-sdk/${client}@^3`),
    '@aws-lambda-powertools/batch@^2',
    '@aws-lambda-powertools/idempotency@^2',
    '@aws-lambda-powertools/logger@^2',
    '@aws-lambda-powertools/metrics@^2',
    '@axe-core/playwright@4.13.0',
    '@marcbachmann/cel-js@8.0.0', // for the expressions of admission policies
    '@hpcc-js/wasm-graphviz@1.29.2', // another release may draw other bytes
    '@swc/core@^1.16',
    '@swc/jest@^0.2',
    '@sparticuz/chromium@147.0.0', // a browser as a package: nothing else is downloaded
    '@types/aws-lambda',
    '@types/tar-stream',
    '@aws-cdk/aws-service-spec@0.1.216', // what is known to be wrong in it is pinned too; projen takes it for CDK v1
    'aws-cdk@2.1148.1',
    'cdk-nag@^3.0.2',
    'commander@^14',
    'eslint-plugin-boundaries@^7.2.0',
    'fast-check@^4',
    'npm-run-all2@^8', // the last for Node 20
    '@microsoft/jest-sarif@1.0.0-beta.0',
    'playwright-core@1.65.1',
    'tar-stream@^3',
    'tsx@^4',
    'ulid@^3',
  ],

  publishToPypi: { distName: 'cdk-trusted-images', module: 'cdk_trusted_images' },
  publishToMaven: {
    javaPackage: names.javaPackage,
    mavenGroupId: names.mavenGroup,
    mavenArtifactId: 'cdk-trusted-images',
  },
  publishToNuget: { dotNetNamespace: 'TrustedImages', packageId: 'TrustedImages' },
  publishToGo: { moduleName: names.goModule },
});

addRooms(project, [
  'lambda',
  'use-cases',
  'adapters',
  'cli',
  'dockerfile',
  'local',
  'aws-check',
  'examples',
  'bench',
]);
addHandlers(project, 'lambda');
addBoundaries(project);
addLint(project);
addTasks(project);
addGoPrograms(project);
addNightly(project);
addCli(project);
addJest(project);
addPackage(project);
addNames(project);
addWorkflows(project);
addRelease(project);
new javascript.NpmConfig(project).addConfig('omit-lockfile-registry-resolved', 'true');
project.synth();
