import { BuildSpec, LinuxBuildImage, PipelineProject } from 'aws-cdk-lib/aws-codebuild';
import { Artifact, Pipeline } from 'aws-cdk-lib/aws-codepipeline';
import { CodeBuildAction, CodeStarConnectionsSourceAction } from 'aws-cdk-lib/aws-codepipeline-actions';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';

// In the constructor of the stack that has your ImageTrust (trust) and the repository for the image (repository).
const image = new PipelineProject(this, 'Image', {
  buildSpec: BuildSpec.fromSourceFilename('buildspec.yml'),
  environment: { buildImage: LinuxBuildImage.STANDARD_7_0, privileged: true }, // Docker builds need it
  environmentVariables: {
    ECR_REPOSITORY: { value: repository.repositoryName },
    TRUSTED_IMAGES_STACK: { value: this.stackName },
  },
});
repository.grantPullPush(image);
image.addToRolePolicy(new PolicyStatement({ actions: ['ecr:DescribeRepositories'], resources: [repository.repositoryArn] }));
// `rescan --wait` and `verify` read these
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
      install: { 'on-failure': 'ABORT', 'runtime-versions': { nodejs: __NODE_VERSION__ }, 'commands': ['npm ci --ignore-scripts'] },
      build: { commands: ['npx cdk deploy --all --require-approval never --context digest="$IMAGE_DIGEST"'] },
    },
  }),
  environment: { buildImage: LinuxBuildImage.STANDARD_7_0 },
});
deploy.addToRolePolicy(new PolicyStatement({
  actions: ['sts:AssumeRole'],
  resources: [`arn:${this.partition}:iam::${this.account}:role/cdk-*`],
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
        connectionArn: `arn:${this.partition}:codeconnections:${this.region}:${this.account}:connection/your-connection`,
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
