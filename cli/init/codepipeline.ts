import { NODE_VERSION } from './pins';
import { listed, quoted, type Pipeline } from './pipeline';
import type { PipelineOptions } from './pipeline-options';
import {
  BUILD_WITH_DOCKER,
  DEPLOY,
  INSTALL_PACKAGES,
  installTrivy,
  push,
  scan,
  SCANNED_DIGEST,
  WAIT_FOR_TRUST,
} from './steps';

/**
 * Teams that deploy with the CDK make their pipeline with it too: a buildspec beside the code, and the
 * pipeline as code to paste.
 */
export function codePipeline(options: PipelineOptions): Pipeline {
  return {
    file: { path: 'buildspec.yml', content: buildspec(options) },
    next: [
      'npm install --save-dev aws-cdk cdk-trusted-images   # npx runs what package-lock.json says, and nothing else',
      'paste what follows into the stack that has the ImageTrust, and name your source code and its connection',
      'the CDK app reads the context "digest" and deploys TrustedImage.fromDigest',
    ],
    snippet: snippet(),
  };
}

function buildspec({ repository, policy }: PipelineOptions): string {
  return `\
# Written by \`npx cdk-trusted-images init codepipeline\`.
# build, scan, push, wait for trust; the pipeline deploys IMAGE_DIGEST. One digest goes all the way.
version: 0.2

env:
  shell: bash
  variables:
${repository === undefined ? '' : `    ECR_REPOSITORY: ${quoted(repository)}\n`}\
    npm_config_yes: 'false' # npx runs what package-lock.json says, and downloads nothing
  exported-variables: [IMAGE_DIGEST]

phases:
  install:
    on-failure: ABORT
    runtime-versions:
      nodejs: ${NODE_VERSION}
    commands:
      - apt-get update --quiet=2 && apt-get install --quiet=2 --yes --no-install-recommends skopeo
${listed(installTrivy(), 6)}
  build: # one phase: CodeBuild runs post_build also if build failed. Without on-failure, so that it keeps the findings of what it refused
    commands:
${listed(BUILD_WITH_DOCKER, 6)}
      - ${INSTALL_PACKAGES}
      - ${scan(policy)}
      - SCANNED_DIGEST=${SCANNED_DIGEST}
${listed(push('${CODEBUILD_RESOLVED_SOURCE_VERSION:0:12}-${CODEBUILD_BUILD_ID##*:}'), 6)}
      - export IMAGE="$uri@$digest" IMAGE_DIGEST="$digest"
${listed(WAIT_FOR_TRUST, 6)}

artifacts:
  files: [trusted-images.sarif]
`;
}

function snippet(): string {
  return `\
import { BuildSpec, LinuxBuildImage, PipelineProject } from 'aws-cdk-lib/aws-codebuild';
import { Artifact, Pipeline } from 'aws-cdk-lib/aws-codepipeline';
import { CodeBuildAction, CodeStarConnectionsSourceAction } from 'aws-cdk-lib/aws-codepipeline-actions';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';

// in the constructor of the stack that has your ImageTrust, trust, and the repository that the image is pushed to
const image = new PipelineProject(this, 'Image', {
  buildSpec: BuildSpec.fromSourceFilename('buildspec.yml'),
  environment: { buildImage: LinuxBuildImage.STANDARD_7_0, privileged: true }, // Docker builds want it
  environmentVariables: {
    ECR_REPOSITORY: { value: repository.repositoryName },
    TRUSTED_IMAGES_STACK: { value: this.stackName },
  },
});
repository.grantPullPush(image);
image.addToRolePolicy(new PolicyStatement({ actions: ['ecr:DescribeRepositories'], resources: [repository.repositoryArn] }));
// what \`rescan --wait\` and \`verify\` ask
image.addToRolePolicy(new PolicyStatement({
  actions: ['cloudformation:DescribeStacks', 'cloudformation:GetTemplate', 'cloudformation:ListStackResources'],
  resources: [this.stackId],
}));
trust.register.grantRead(image);
trust.signer.grantVerify(image);
trust.scanner.requests.grantSendMessages(image);

const deploy = new PipelineProject(this, 'Deploy', {
  buildSpec: BuildSpec.fromObject({
    version: '0.2',
    phases: {
      install: { 'on-failure': 'ABORT', 'runtime-versions': { nodejs: ${NODE_VERSION} }, 'commands': ['${INSTALL_PACKAGES}'] },
      build: { commands: ['${DEPLOY}'] },
    },
  }),
  environment: { buildImage: LinuxBuildImage.STANDARD_7_0 },
});
deploy.addToRolePolicy(new PolicyStatement({
  actions: ['sts:AssumeRole'],
  resources: [\`arn:\${this.partition}:iam::\${this.account}:role/cdk-*\`],
}));

const source = new Artifact();
const findings = new Artifact('Findings'); // trusted-images.sarif
const build = new CodeBuildAction({ actionName: 'Image', project: image, input: source, outputs: [findings] });
new Pipeline(this, 'Pipeline', {
  stages: [
    {
      stageName: 'Source',
      actions: [new CodeStarConnectionsSourceAction({
        actionName: 'Source',
        connectionArn: \`arn:\${this.partition}:codeconnections:\${this.region}:\${this.account}:connection/your-connection\`,
        owner: 'your-organisation',
        repo: 'your-app',
        output: source,
      })],
    },
    { stageName: 'Image', actions: [build] },
    {
      stageName: 'Deploy',
      actions: [new CodeBuildAction({
        actionName: 'Deploy',
        project: deploy,
        input: source,
        environmentVariables: { IMAGE_DIGEST: { value: build.variable('IMAGE_DIGEST') } },
      })],
    },
  ],
});
`;
}
