import { Aws, Duration, Stack } from 'aws-cdk-lib';
import { Grant, PolicyStatement, type IGrantable } from 'aws-cdk-lib/aws-iam';
import { Provider } from 'aws-cdk-lib/custom-resources';
import { Construct } from 'constructs';
import { AwaitTrustFunction } from './await-trust-function';
import type { IImageTrust } from './i-image-trust';
import { RequestTrustFunction } from './request-trust-function';
import { EnvironmentName } from '../core/environment';
import { handlerOptions, handlerRole } from '../queues/handler';
import type { RepositorySelector } from '../repository/repository-selector';
import type { Pins } from '../trust/pinned-keys';

/** A resource may take an hour; what the functions wait at most is five minutes less, so that they can say why themselves. */
const TOTAL_TIMEOUT = Duration.minutes(58);
const WAIT = Duration.minutes(55);
const QUERY_INTERVAL = Duration.seconds(5);

/** Nobody reads it: it changes when the keys do, so that CloudFormation looks at them anew. */
const PINNED_KEYS_REVISION = 'PINNED_KEYS_REVISION';

/**
 * What deploys of one stack ask one trust by: one function that asks, one that waits.
 *
 * @internal
 */
export class TrustedImageProvider extends Construct {
  /** The stack's own: it comes and goes with the resources that need it. */
  public static of(stack: Stack, trust: IImageTrust): TrustedImageProvider {
    const id = `TrustedImages${TrustedImageProvider.key(trust)}`;
    return stack.node.tryFindChild(id) as TrustedImageProvider | undefined ?? new TrustedImageProvider(stack, id, trust);
  }

  /** In the names of all that asks this trust: CloudFormation lets no resource change whom it asks, so one that asks another trust is another resource. */
  public static key(trust: IImageTrust): string {
    return trust.node.addr.slice(0, 8);
  }

  public readonly serviceToken: string;

  private readonly asker: IGrantable;

  private constructor(scope: Construct, id: string, trust: IImageTrust) {
    super(scope, id);
    const { register, policies, scanner, signer, evidence, alerts, network } = trust;
    const pins = signer._pins(this);
    const environment = {
      POWERTOOLS_SERVICE_NAME: register._service,
      [EnvironmentName.register]: register.table.tableName,
      [EnvironmentName.policies]: policies.table.tableName,
      [EnvironmentName.pinnedKeys]: pins.document,
      ...(pins.revision !== undefined && { [PINNED_KEYS_REVISION]: pins.revision }),
    };
    const asking = new Construct(this, 'Request');
    const request = new RequestTrustFunction(asking, 'Resource', {
      ...handlerOptions(asking, network),
      description: 'Asks for the scan of an image that is to be deployed',
      memorySize: 512,
      timeout: Duration.minutes(1),
      environment: { ...environment, [EnvironmentName.scanRequests]: scanner.requests.queueUrl },
    });
    const waiting = new Construct(this, 'Await');
    const wait = new AwaitTrustFunction(waiting, 'Resource', {
      ...handlerOptions(waiting, network),
      description: 'Waits for an image to be trusted, and says why it is not',
      memorySize: 512,
      timeout: Duration.minutes(1),
      environment: {
        ...environment,
        [EnvironmentName.evidence]: evidence.bucket.bucketName,
        [EnvironmentName.topic]: alerts.topic.topicArn,
        [EnvironmentName.alertFormat]: alerts._format,
        [EnvironmentName.waitSeconds]: String(WAIT.toSeconds()),
      },
    });
    for (const handler of [request, wait]) {
      register._grantAsk(handler);
      policies.grantRead(handler);
      allowPinned(handler, pins);
    }
    scanner.requests.grantSendMessages(request);
    Grant.addToPrincipal({ grantee: request, actions: ['cloudformation:DescribeStacks'], resourceArns: [Aws.STACK_ID] });
    Grant.addToPrincipal({ grantee: wait, actions: ['sns:Publish'], resourceArns: [alerts.topic.topicArn] });
    alerts.topic.masterKey?.grant(wait, 'kms:Decrypt', 'kms:GenerateDataKey');
    this.asker = request;

    const { role, logGroup } = handlerOptions(new Construct(this, 'Framework'), network);
    const provider = new Provider(this, 'Provider', {
      onEventHandler: request,
      isCompleteHandler: wait,
      queryInterval: QUERY_INTERVAL,
      totalTimeout: TOTAL_TIMEOUT,
      frameworkOnEventRole: role,
      frameworkCompleteAndTimeoutRole: handlerRole(new Construct(this, 'Completion'), logGroup, network), // one role for all would be a circle
      logGroup,
      ...network,
      disableWaiterStateMachineLogging: true, // the waiting function logs each look, with its reason
    });
    this.serviceToken = provider.serviceToken;
    // every rule, queue, policy and key: what is asked must be able to answer. The framework names this function, and each resource the framework
    request.node.addDependency(trust);
  }

  /** Lets it find out which image a tag names. */
  public admit(repository: RepositorySelector): void {
    repository._grant(this, this.asker, ['ecr:BatchGetImage']);
  }
}

/** Fetch the public keys that it believes, and no others. */
function allowPinned({ grantPrincipal }: IGrantable, { arns, revision }: Pins): void {
  grantPrincipal.addToPrincipalPolicy(new PolicyStatement({
    ...(revision !== undefined && { sid: `PinnedKeys${revision}` }),
    actions: ['kms:DescribeKey', 'kms:GetPublicKey'],
    resources: arns,
  }));
}
