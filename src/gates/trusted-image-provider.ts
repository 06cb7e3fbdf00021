import { Aws, Duration, Stack } from 'aws-cdk-lib';
import { Grant, PolicyStatement, type IGrantable } from 'aws-cdk-lib/aws-iam';
import { RecursiveLoop } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { AwaitTrustFunction } from './await-trust-function';
import { DeploymentsQueue } from './deployments-queue';
import type { IImageTrust } from './i-image-trust';
import { RequestTrustFunction } from './request-trust-function';
import { EnvironmentName } from '../core/environment';
import { Seconds } from '../core/times';
import { handlerOptions, type HandlerOptions } from '../queues/handler';
import type { RepositorySelector } from '../repository/repository-selector';
import type { Pins } from '../trust/pinned-keys';

/** Nobody reads it: it changes when the keys do, so that CloudFormation looks at them anew. */
const PINNED_KEYS_REVISION = 'PINNED_KEYS_REVISION';

/**
 * What deployments of one stack ask one trust by: one function that asks, one that waits, and the queue
 * between them.
 *
 * @internal
 */
export class TrustedImageProvider extends Construct {
  /** The stack's own: it comes and goes with the resources that need it. */
  public static of(stack: Stack, trust: IImageTrust): TrustedImageProvider {
    const id = `TrustedImages${TrustedImageProvider.key(trust)}`;
    return (
      (stack.node.tryFindChild(id) as TrustedImageProvider | undefined) ??
      new TrustedImageProvider(stack, id, trust)
    );
  }

  /**
   * In the names of all that asks this trust: CloudFormation lets no resource change whom it asks, so one
   * that asks another trust is another resource.
   */
  public static key(trust: IImageTrust): string {
    return trust.node.addr.slice(0, 8);
  }

  public readonly serviceToken: string;
  public readonly serviceTimeout = Duration.seconds(Seconds.deploymentService);

  private readonly asker: IGrantable;

  private constructor(scope: Construct, id: string, trust: IImageTrust) {
    super(scope, id);
    const { register, policies, scanner, signer, evidence, alerts, network } = trust;
    const pins = signer._pins(this);
    const environment = {
      POWERTOOLS_SERVICE_NAME: register._service,
      [EnvironmentName.register]: register.table.tableName,
      [EnvironmentName.policies]: policies.table.tableName,
      [EnvironmentName.urlSuffix]: Aws.URL_SUFFIX,
      [EnvironmentName.pinnedKeys]: pins.document,
      ...(pins.revision !== undefined && { [PINNED_KEYS_REVISION]: pins.revision }),
    };
    const [asking, waiting] = ['Request', 'Await'].map(name => new Construct(this, name)) as [
      Construct,
      Construct,
    ];
    const [askingOptions, waitingOptions] = [asking, waiting].map(each => handlerOptions(each, network)) as [
      HandlerOptions,
      HandlerOptions,
    ];
    const work = new DeploymentsQueue(this, 'Deployments', {
      lookTimeout: Duration.seconds(Seconds.awaitTrust),
      asks: askingOptions.role,
      looks: waitingOptions.role,
    });
    const request = new RequestTrustFunction(asking, 'Resource', {
      ...askingOptions,
      description: 'Asks for the scan of an image that is to be deployed',
      memorySize: 512,
      timeout: Duration.seconds(Seconds.awaitTrust),
      environment: {
        ...environment,
        [EnvironmentName.scanRequests]: scanner.requests.queueUrl,
        [EnvironmentName.deployments]: work.queue.queueUrl,
      },
    });
    const wait = new AwaitTrustFunction(waiting, 'Resource', {
      ...waitingOptions,
      description: 'Waits for an image to be trusted, and says why it is not',
      memorySize: 512,
      timeout: Duration.seconds(Seconds.awaitTrust),
      // a message is sent again 13 times in 55 minutes, and Lambda takes 16 for a loop without an end
      recursiveLoop: RecursiveLoop.ALLOW,
      environment: {
        ...environment,
        [EnvironmentName.evidence]: evidence.bucket.bucketName,
        [EnvironmentName.topic]: alerts.topic.topicArn,
        [EnvironmentName.alertFormat]: alerts._format,
        [EnvironmentName.waitSeconds]: String(
          Duration.seconds(Seconds.deploymentService - Seconds.deploymentAnswer).toSeconds(),
        ),
        [EnvironmentName.queue]: work.queue.queueUrl,
        [EnvironmentName.deadLetterQueue]: work.deadLetterQueue.queueUrl,
      },
    });
    work.consumedBy(wait);
    for (const sender of [request, wait]) work.queue.grantSendMessages(sender);
    alerts.addAlarm(work.alarm);
    for (const handler of [request, wait]) {
      register._grantAsk(handler);
      policies.grantRead(handler);
      allowPinned(handler, pins);
    }
    scanner.requests.grantSendMessages(request);
    Grant.addToPrincipal({
      grantee: request,
      actions: ['cloudformation:DescribeStacks'],
      resourceArns: [Aws.STACK_ID],
    });
    Grant.addToPrincipal({ grantee: wait, actions: ['sns:Publish'], resourceArns: [alerts.topic.topicArn] });
    alerts.topic.masterKey?.grant(wait, 'kms:Decrypt', 'kms:GenerateDataKey');
    this.asker = request;
    this.serviceToken = request.functionArn;
    // every rule, queue, policy and key, and who looks: what is asked must be able to answer. Each resource
    // names this function
    request.node.addDependency(trust, work, wait);
  }

  /** Lets it find out which image a tag names. */
  public admit(repository: RepositorySelector): void {
    repository._grant(this, this.asker, ['ecr:BatchGetImage']);
  }
}

/** Fetch the public keys that it believes, and no others. */
function allowPinned({ grantPrincipal }: IGrantable, { arns, revision }: Pins): void {
  grantPrincipal.addToPrincipalPolicy(
    new PolicyStatement({
      ...(revision !== undefined && { sid: `PinnedKeys${revision}` }),
      actions: ['kms:DescribeKey', 'kms:GetPublicKey'],
      resources: arns,
    }),
  );
}
