import { ArnFormat, Aws, CfnOutput, CustomResource, Duration, Stack, Token } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { RecursiveLoop, type CfnFunction, type IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct, Dependable, type IConstruct } from 'constructs';
import { AwaitTrustFunction } from './await-trust-function';
import { DeploymentsQueue } from './deployments-queue';
import { AN_IMAGE_TRUST, IMAGE_TRUST, type IImageTrust } from './i-image-trust';
import { placeOf } from './near-trust';
import { RESOLVE } from './own-access';
import { RequestTrustFunction } from './request-trust-function';
import { arnHere } from './service-gate';
import { GATE_OPTIONS, type TrustGateOptions } from './trust-gate-options';
import { EnvironmentName } from '../core/environment';
import { IMPORTER_RESOURCE } from '../core/sharing/importers';
import { sha256Of } from '../core/text/sha256';
import { Seconds } from '../core/times';
import { checkProperties, required, type Properties } from '../properties/properties';
import { checkEnvironmentSize } from '../queues/environment-size';
import { handlerOptions, type HandlerOptions } from '../queues/handler';
import { ofGates } from '../queues/one-security-group';
import type { RepositorySelector } from '../repository/repository-selector';
import { topLevel } from '../trust/stacks';

/**
 * Properties of a gate that deployments ask.
 */
export interface TrustGateProps extends TrustGateOptions {
  /** The image trust that the gate asks. */
  readonly trust: IImageTrust;
}

const TRUST_GATE: Properties<TrustGateProps> = {
  ...GATE_OPTIONS,
  trust: required(IMAGE_TRUST, AN_IMAGE_TRUST),
};

const NAME = /^[A-Za-z0-9_-]{1,50}$/;

/**
 * What each `TrustedImage` of an account and region asks: a function that requests the scan, one that waits
 * for the trust, and the queue between them. An `ImageTrust` makes one by itself, and so does an imported
 * trust; make one yourself to try a new version with some of your stacks first.
 *
 * Its name and ARN stay the same wherever its construct moves. The stack of a gate cannot be deleted while
 * another stack asks it.
 */
export class TrustGate extends Construct {
  /** The gate that a trust made itself, if it has. @internal */
  public static _known(trust: IImageTrust): TrustGate | undefined {
    return trust.node.tryFindChild(ID) as TrustGate | undefined;
  }

  /** The gate of a trust that has none yet: it is made with the first image that asks. @internal */
  public static _of(trust: IImageTrust, options: TrustGateOptions = {}): TrustGate {
    return TrustGate._known(trust) ?? new TrustGate(trust, ID, { ...options, trust });
  }

  /** The name of the gate. */
  public readonly gateName: string;

  /** The function that resources name as their service token. */
  public readonly handler: IFunction;

  /** @internal */
  public readonly _serviceTimeout = Duration.seconds(Seconds.deploymentService);

  private readonly admitted = new Set<string>();

  constructor(scope: Construct, id: string, props: TrustGateProps) {
    super(scope, id);
    checkProperties('TrustGateProps', props, TRUST_GATE);
    const { trust, reservedConcurrency } = props;
    this.gateName = nameOf(this, props.gateName);
    checkConcurrency(this, reservedConcurrency);
    const access = trust._access(this);
    const environment = {
      ...access.metrics.environment(),
      [EnvironmentName.urlSuffix]: Aws.URL_SUFFIX,
      ...access.environment,
    };
    const [asking, waiting] = ['Request', 'Await'].map(name => new Construct(this, name)) as [
      Construct,
      Construct,
    ];
    const [askingOptions, waitingOptions] = [asking, waiting].map(each =>
      handlerOptions(each, ofGates(this, access.network)),
    ) as [HandlerOptions, HandlerOptions];
    const work = new DeploymentsQueue(this, 'Deployments', {
      asks: askingOptions.role,
      looks: waitingOptions.role,
      refusalsOf: access.isImported ? access.metrics : undefined,
    });
    const request = new RequestTrustFunction(asking, 'Resource', {
      ...askingOptions,
      functionName: functionNameOf(this.gateName),
      description: 'Requests the scan of an image that is to be deployed',
      memorySize: 512,
      timeout: Duration.seconds(Seconds.awaitTrust),
      reservedConcurrentExecutions: reservedConcurrency,
      // what could not be handled after two more tries
      deadLetterQueue: work.deadLetterQueue,
      environment: {
        ...environment,
        ...access.readsTrust,
        [EnvironmentName.scanRequests]: access.scanRequestsQueueUrl,
        [EnvironmentName.deployments]: work.queue.queueUrl,
        ...(access.isImported && { [EnvironmentName.gateStack]: Aws.STACK_ID }),
      },
    });
    // a gate whose construct moves stays the same resource: nobody else may have its name meanwhile
    (request.node.defaultChild as CfnFunction).overrideLogicalId(logicalIdOf(this.gateName));
    checkEnvironmentSize(request);
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
    access.addAlarm(work.alarm);
    access.grantLook(request);
    access.grantAsk(wait);
    access.grantRequest(request);
    access.grantResolve(request);
    access.grantReadTrust(request);
    // any stack of this account may ask, and CloudFormation says which one does (0049)
    askingOptions.role.addToPolicy(
      new PolicyStatement({
        actions: ['cloudformation:DescribeStackResource', 'cloudformation:DescribeStacks'],
        resources: [arnHere(this, 'cloudformation', 'stack', '*')],
      }),
    );
    access.grantAlert(wait);
    this.handler = request;
    // the function must be able to answer from the start: it needs every rule, queue, policy and key, and the
    // function that looks. Each resource waits for this function
    request.node.addDependency(...access.waitsFor, work, wait);
    Dependable.implement(this, { dependencyRoots: [request] });
    const name = new CfnOutput(this, 'Name', {
      value: request.functionName,
      description: 'What images of other stacks ask. Each of them imports it, so that it cannot be removed',
      exportName: functionNameOf(this.gateName),
    });
    name.overrideLogicalId(`NameOf${logicalIdOf(this.gateName)}`);
    if (access.isImported) {
      new CustomResource(this, 'Importer', {
        resourceType: IMPORTER_RESOURCE,
        serviceToken: request.functionArn,
        serviceTimeout: this._serviceTimeout,
      });
    }
  }

  /**
   * The service token for a resource of a stack. CloudFormation refuses another one for a resource that
   * exists, so it is made of what never changes.
   *
   * @internal
   */
  public _tokenIn(stack: Stack): string {
    return stack.formatArn({
      service: 'lambda',
      resource: 'function',
      resourceName: functionNameOf(this.gateName),
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
  }

  /**
   * The id of each resource that asks: CloudFormation does not let a resource change its service token, so
   * one that asks another gate is another resource.
   *
   * @internal
   */
  public get _resourceId(): string {
    return `Gate${hashOf(this.gateName)}`;
  }

  /** Whether a resource is deployed with another stack than the gate, and has to hold it. @internal */
  public _exportFor(resource: IConstruct): string | undefined {
    return topLevel(resource) === topLevel(this) ? undefined : functionNameOf(this.gateName);
  }

  /** Allows it to resolve tags of a repository that the trust does not enrol. @internal */
  public _admit(repository: RepositorySelector): void {
    const key = JSON.stringify(Stack.of(this).resolve(repository._enrolment()));
    if (this.admitted.has(key)) return;
    this.admitted.add(key);
    repository._grant(this, this.handler, RESOLVE);
  }
}

const ID = 'Gate';

function functionNameOf(gateName: string): string {
  return `TrustedImages-${gateName}`;
}

function logicalIdOf(gateName: string): string {
  return `TrustedImagesGate${gateName.replace(/[^A-Za-z0-9]/g, '')}${hashOf(gateName)}`;
}

function hashOf(text: string): string {
  return sha256Of(text).slice(0, 8).toUpperCase();
}

/** Throws for a name that AWS Lambda does not take, and for one that another gate of the app has. */
function nameOf(gate: TrustGate, given: string | undefined): string {
  const { path } = gate.node;
  if (given !== undefined && (Token.isUnresolved(given) || !NAME.test(given))) {
    throw new Error(
      `gateName of ${path} is ${Token.isUnresolved(given) ? 'a token' : JSON.stringify(given)}, allowed: 1 to 50 letters, digits, "-" and "_", for example "platform"`,
    );
  }
  const { stackName } = topLevel(gate);
  const name =
    given ?? (stackName.length <= 50 ? stackName : `${stackName.slice(0, 41)}-${hashOf(stackName)}`);
  const other = gate.node.root.node
    .findAll()
    .find(
      each => each instanceof TrustGate && each !== gate && each.gateName === name && isBeside(each, gate),
    );
  if (other !== undefined) {
    throw new Error(
      `the gates ${other.node.path} and ${path} are both named ${JSON.stringify(name)}, allowed: one gate of a name in an account and region; set gateName of one of them, gate: { gateName: "…" } of its trust`,
    );
  }
  return name;
}

/** Two stacks of unknown places may be deployed to two. @internal */
export function isBeside(one: IConstruct, other: IConstruct): boolean {
  const [ours, theirs] = [topLevel(one), topLevel(other)];
  const isKnown = ![ours.account, ours.region].some(each => Token.isUnresolved(each));
  return ours === theirs || (isKnown && placeOf(ours) === placeOf(theirs));
}

function checkConcurrency(gate: TrustGate, given: number | undefined): void {
  if (given === undefined || Token.isUnresolved(given) || (Number.isInteger(given) && given >= 1)) return;
  throw new Error(
    `reservedConcurrency of ${gate.node.path} is ${given}, allowed: a whole number of at least 1, because with 0 no stack is answered`,
  );
}
