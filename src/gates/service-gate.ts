import { Duration, Stack, Token } from 'aws-cdk-lib';
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { Enforcement } from './enforcement';
import type { GateAccess } from './gate-access';
import type { IImageTrust } from './i-image-trust';
import { relyOnPolicy } from './rely-on-policy';
import type { ServiceGateOptions } from './service-gate-options';
import { EnvironmentName } from '../core/environment';
import { Digest } from '../core/image/image';
import { readImageReference } from '../core/image/image-reference';
import { Limit } from '../core/limits';
import { Seconds } from '../core/times';
import { checkEnvironmentSize } from '../queues/environment-size';
import { errorAlarm, handlerOptions, type HandlerOptions } from '../queues/handler';
import { ofGates } from '../queues/one-security-group';

/** What the function of a gate is made of. */
export interface ServiceGate {
  readonly access: GateAccess;
  readonly options: HandlerOptions & {
    readonly memorySize: number;
    readonly timeout: Duration;
    readonly environment: Record<string, string>;
  };
}

/**
 * The options of the function of a gate in a service. What it may do, `connectGate` says.
 *
 * @internal
 */
export function serviceGate(
  scope: Construct,
  { trust, allowedImages = [] }: ServiceGateOptions,
  enforcement: Enforcement,
): ServiceGate {
  const access = askingAccess(scope, trust);
  relyOnPolicy(scope, trust, enforcement);
  return {
    access,
    options: {
      ...handlerOptions(scope, ofGates(scope, access.network)),
      memorySize: 512,
      timeout: Duration.seconds(Seconds.gateFunction),
      environment: {
        ...askingEnvironment(scope, trust, access, allowedImages),
        [EnvironmentName.evidence]: access.evidenceBucketName,
        [EnvironmentName.enforcement]: enforcement._mode(),
      },
    },
  };
}

/**
 * Lets the function of a gate read and send alerts, and nothing else. It is deployed after everything that it
 * asks.
 *
 * @internal
 */
export function connectGate(scope: Construct, access: GateAccess, gate: IFunction): void {
  checkEnvironmentSize(gate);
  access.grantAsk(gate);
  access.grantAlert(gate);
  access.addAlarm(errorAlarm(scope, gate));
  if (access.waitsFor.length > 0) gate.node.addDependency(...access.waitsFor);
}

/**
 * How a function asks a trust that no deployment waits for. A trust of another app is told which stacks ask
 * it, by its gate (0037).
 *
 * @internal
 */
export function askingAccess(scope: Construct, trust: IImageTrust): GateAccess {
  const access = trust._access(scope);
  if (access.isImported) trust._gate();
  return access;
}

/** The variables of a function that asks about images, and tells the team. @internal */
export function askingEnvironment(
  scope: Construct,
  trust: IImageTrust,
  access: GateAccess,
  allowedImages: readonly string[],
): Record<string, string> {
  const { schemaVersion, pinnedKeys } = access;
  return {
    ...access.metrics.environment(),
    ...access.environment,
    ...(pinnedKeys !== undefined && { [EnvironmentName.pinnedKeys]: pinnedKeys }),
    ...(schemaVersion !== undefined && { [EnvironmentName.trustSchemaVersion]: schemaVersion }),
    ...(access.enrolment !== undefined && { [EnvironmentName.repositories]: access.enrolment }),
    ...access.alertEnvironment,
    [EnvironmentName.allowedDigests]: JSON.stringify(digestsOf(scope, trust, allowedImages)),
  };
}

/** The digests of external images that may run. Throws for one without a digest. */
function digestsOf(scope: Construct, trust: IImageTrust, images: readonly string[]): string[] {
  const { path } = scope.node;
  if (images.length > Limit.gateAllowedImages) {
    throw new Error(
      `allowedImages of ${path} has ${images.length} images, allowed: ${Limit.gateAllowedImages}; copy the others into an enrolled repository`,
    );
  }
  return images.map(image => {
    const shown = Token.isUnresolved(image) ? 'a token' : JSON.stringify(image);
    const read = Token.isUnresolved(image) ? undefined : readImageReference(image);
    const named = read?.ok === true ? read.value : undefined;
    if (named?.digest === undefined || !Digest.safeParse(named.digest).success) {
      throw new Error(
        `allowedImages of ${path} names ${shown}, allowed: an image with its digest, <registry>/<repository>@sha256:<64 hex>`,
      );
    }
    const { account, region } = trust.env;
    if (named.ecr?.account === account && named.ecr.region === region) {
      throw new Error(
        `allowedImages of ${path} names ${shown}, which is in the registry that the trust ${trust.node.path} judges, allowed: external images; enrol its repository`,
      );
    }
    return named.digest;
  });
}

/** Lets a gate ask what a stack is doing: a rollback puts back what ran before. @internal */
export function allowStackStatus(scope: Construct, role: Role): void {
  role.addToPolicy(
    new PolicyStatement({
      actions: ['cloudformation:DescribeStacks'],
      resources: [arnHere(scope, 'cloudformation', 'stack', '*')],
    }),
  );
}

/** For the rights of a gate: in its own account and region. @internal */
export function arnHere(scope: Construct, service: string, resource: string, resourceName: string): string {
  return Stack.of(scope).formatArn({ service, resource, resourceName });
}
