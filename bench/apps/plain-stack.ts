import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { BuildSpec, Project, Source } from 'aws-cdk-lib/aws-codebuild';
import { AttributeType, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { EventBus, Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Queue } from 'aws-cdk-lib/aws-sqs';

/** What `ImageTrust` is made of, by the CDK alone: the same functions and assets, as many other resources. */
const ASSETS = join(__dirname, '..', '..', 'assets');
const FUNCTIONS = readdirSync(join(ASSETS, 'lambda'), { withFileTypes: true, recursive: true })
  .filter(({ name }) => name.endsWith('.lambda'))
  .map(({ parentPath, name }) => join(parentPath, name))
  .filter(path => !path.includes('gates')); // those come with `TrustedImage`

const app = new App();
const stack = new Stack(app, 'Bench');
const key = new Key(stack, 'EvidenceKey');
new Key(stack, 'SigningKey').addAlias('alias/bench');
const bucket = new Bucket(stack, 'Evidence', { encryptionKey: key, versioned: true, enforceSSL: true });
new Bucket(stack, 'Waivers', { versioned: true, enforceSSL: true });
const tables = ['Register', 'Policies', 'Findings', 'Alerts'].map(
  name => new TableV2(stack, name, { partitionKey: { name: 'pk', type: AttributeType.STRING } }),
);
const eventBus = new EventBus(stack, 'Events');
new Topic(stack, 'Topic', { masterKey: new Key(stack, 'TopicKey') });

FUNCTIONS.forEach((path, index) => {
  const name = `Function${index}`;
  const handler = new LambdaFunction(stack, name, {
    role: new Role(stack, `${name}Role`, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') }),
    logGroup: new LogGroup(stack, `${name}Logs`),
    code: Code.fromAsset(path),
    handler: 'index.handler',
    runtime: Runtime.NODEJS_22_X,
    environment: { BUCKET: bucket.bucketName, TABLE: tables[0]!.tableName, BUS: eventBus.eventBusName },
  });
  bucket.grantReadWrite(handler);
  tables[index % tables.length]!.grantReadWriteData(handler);
  eventBus.grantPutEventsTo(handler);
  const deadLetterQueue = new Queue(stack, `${name}DeadLetters`, { enforceSSL: true });
  const queue = new Queue(stack, `${name}Queue`, {
    enforceSSL: true,
    deadLetterQueue: { queue: deadLetterQueue, maxReceiveCount: 100 },
  });
  handler.addEventSource(new SqsEventSource(queue));
  new Rule(stack, `${name}Rule`, {
    eventBus,
    eventPattern: { source: ['bench'] },
    targets: [new SqsQueue(queue, { deadLetterQueue })],
  });
  const once = { threshold: 1, evaluationPeriods: 1 };
  new Alarm(stack, `${name}Errors`, { metric: handler.metricErrors(), ...once });
  new Alarm(stack, `${name}Poison`, {
    metric: deadLetterQueue.metricApproximateNumberOfMessagesVisible(),
    ...once,
  });
});

const reader = new Asset(stack, 'Reader', { path: join(ASSETS, 'normal-form', 'build'), exclude: ['arm64'] });
new Project(stack, 'Scan', {
  source: Source.s3({ bucket: reader.bucket, path: reader.s3ObjectKey }),
  buildSpec: BuildSpec.fromObject({ version: '0.2', phases: { build: { commands: ['true'] } } }),
});
app.synth();
