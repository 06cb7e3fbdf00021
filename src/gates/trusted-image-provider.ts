import { Aws, CustomResource, Duration, Stack } from 'aws-cdk-lib';
import type { IRepository } from 'aws-cdk-lib/aws-ecr';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import { RecursiveLoop } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { AwaitTrustFunction } from './await-trust-function';
import { DeploymentsQueue } from './deployments-queue';
import type { IImageTrust } from './i-image-trust';
import { RequestTrustFunction } from './request-trust-function';
import { EnvironmentName } from '../core/environment';
import { IMPORTER_RESOURCE } from '../core/sharing/importers';
import { Seconds } from '../core/times';
import { handlerOptions, type HandlerOptions } from '../queues/handler';

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

  /** Further properties of each resource that asks. */
  public readonly properties: Readonly<Record<string, string>>;
  public readonly serviceToken: string;
  public readonly serviceTimeout = Duration.seconds(Seconds.deploymentService);

  private readonly asker: IGrantable;

  private constructor(scope: Construct, id: string, trust: IImageTrust) {
    super(scope, id);
    const access = trust._access(this);
    const { network } = access;
    this.properties = access.properties;
    const environment = {
      POWERTOOLS_SERVICE_NAME: access.service,
      [EnvironmentName.urlSuffix]: Aws.URL_SUFFIX,
      ...access.environment,
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
        [EnvironmentName.scanRequests]: access.scanRequestsQueueUrl,
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
        [EnvironmentName.evidence]: access.evidenceBucketName,
        ...access.alertEnvironment,
        [EnvironmentName.waitSeconds]: String(
          Duration.seconds(Seconds.deploymentService - Seconds.deploymentAnswer).toSeconds(),
        ),
        ...work.environment(),
      },
    });
    work.consumedBy(wait);
    work.queue.grantSendMessages(request);
    for (const alarm of [work.deadLetters.alarm, ...access.alarms(this)]) access.addAlarm(alarm);
    access.grantLook(request);
    access.grantAsk(wait);
    access.grantRequest(request);
    Grant.addToPrincipal({
      grantee: request,
      actions: ['cloudformation:DescribeStacks'],
      resourceArns: [Aws.STACK_ID],
    });
    access.grantAlert(wait);
    this.asker = request;
    this.serviceToken = request.functionArn;
    // the function must be able to answer from the start: it needs every rule, queue, policy and key, and the
    // function that looks. Each resource names this function
    request.node.addDependency(...access.waitsFor, work, wait);
    if (access.isImported) {
      new CustomResource(this, 'Importer', {
        resourceType: IMPORTER_RESOURCE,
        serviceToken: this.serviceToken,
        serviceTimeout: this.serviceTimeout,
      });
    }
  }

  /** Allows it to resolve tags of a repository. */
  public admit({ env, repositoryName: resourceName }: IRepository): void {
    const { account, region } = env;
    const arn = Stack.of(this).formatArn({
      service: 'ecr',
      resource: 'repository',
      resourceName,
      account,
      region,
    });
    Grant.addToPrincipal({ grantee: this.asker, actions: ['ecr:BatchGetImage'], resourceArns: [arn] });
  }
}
