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

/** No code reads this variable. It changes with the keys, so that CloudFormation reads them again. */
const PINNED_KEYS_REVISION = 'PINNED_KEYS_REVISION';

/**
 * The resources by which the deployments of one stack ask one trust: the function that requests a scan, the
 * function that waits, and the queue between them.
 *
 * @internal
 */
export class TrustedImageProvider extends Construct {
  /** The provider of a stack. It is created with the first resource that needs it. */
  public static of(stack: Stack, trust: IImageTrust): TrustedImageProvider {
    const id = `TrustedImages${TrustedImageProvider.key(trust)}`;
    return (
      (stack.node.tryFindChild(id) as TrustedImageProvider | undefined) ??
      new TrustedImageProvider(stack, id, trust)
    );
  }

  /**
   * Part of the id of each resource that asks this trust. CloudFormation does not let a resource change its
   * service token, so a resource that asks another trust is another resource.
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
      description: 'Requests the scan of an image that is to be deployed',
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
      description: 'Waits for an image to be trusted, and reports why it is not',
      memorySize: 512,
      timeout: Duration.seconds(Seconds.awaitTrust),
      // a message is sent again 13 times in 55 minutes, and Lambda stops a function after 16 as a recursive
      // loop
      recursiveLoop: RecursiveLoop.ALLOW,
      environment: {
        ...environment,
        [EnvironmentName.evidence]: evidence.bucket.bucketName,
        ...alerts._environment(this),
        [EnvironmentName.waitSeconds]: String(
          Duration.seconds(Seconds.deploymentService - Seconds.deploymentAnswer).toSeconds(),
        ),
        ...work.environment(),
      },
    });
    work.consumedBy(wait);
    work.queue.grantSendMessages(request);
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
    alerts._grantSend(wait);
    this.asker = request;
    this.serviceToken = request.functionArn;
    // the function must be able to answer from the start: it needs every rule, queue, policy and key, and the
    // function that looks. Each resource names this function
    request.node.addDependency(trust, work, wait);
  }

  /** Allows it to resolve tags of a repository. */
  public admit(repository: RepositorySelector): void {
    repository._grant(this, this.asker, ['ecr:BatchGetImage']);
  }
}

/** Allows a function to fetch the pinned public keys, and no others. */
function allowPinned({ grantPrincipal }: IGrantable, { arns, revision }: Pins): void {
  grantPrincipal.addToPrincipalPolicy(
    new PolicyStatement({
      ...(revision !== undefined && { sid: `PinnedKeys${revision}` }),
      actions: ['kms:DescribeKey', 'kms:GetPublicKey'],
      resources: arns,
    }),
  );
}
