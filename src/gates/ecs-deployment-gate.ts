import { Annotations, Aws, Token } from 'aws-cdk-lib';
import {
  DeploymentLifecycleLambdaTarget,
  DeploymentLifecycleStage,
  type BaseService,
  type CfnService,
} from 'aws-cdk-lib/aws-ecs';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { warnOfTags } from './container-tags';
import { EcsDeploymentGateFunction } from './ecs-deployment-gate-function';
import { Enforcement } from './enforcement';
import { warnOfIdleGate } from './idle-gate';
import { checkNearGate } from './near-trust';
import { allowStackStatus, arnHere, connectGate, serviceGate } from './service-gate';
import { SERVICE_GATE_OPTIONS, type ServiceGateOptions } from './service-gate-options';
import { checkProperties, optional, shown, type Properties } from '../properties/properties';
import { InlineRole } from '../queues/inline-role';

/**
 * Properties of a gate for deployments of Amazon ECS.
 */
export interface EcsDeploymentGateProps extends ServiceGateOptions {
  /**
   * What happens to a deployment with an image that is not trusted.
   *
   * @default Enforcement.refuse()
   */
  readonly enforcement?: Enforcement;
}

const ECS_DEPLOYMENT_GATE: Properties<EcsDeploymentGateProps> = {
  ...SERVICE_GATE_OPTIONS,
  enforcement: optional(Enforcement, 'an Enforcement'),
};

/**
 * Refuses deployments of services of Amazon ECS: a lifecycle hook at `PRE_SCALE_UP`, before the first task of
 * a new revision starts. Whoever deploys and however, every container must run a trusted image: sidecars too,
 * and those that ECS adds. ECS then rolls the deployment back, and the team is notified of the reason, which
 * ECS does not show.
 *
 * Every container needs a digest in its task definition: `TrustedImage` writes one. ECS resolves a tag when
 * the first task starts, and the gate is asked before that. A tag is admitted only if ECS names its digest by
 * then, which AWS does not document.
 *
 * What may be over soon is looked at again for up to five minutes: a scan or a signature that is under way, a
 * service that throttles. Everything else is refused at once: what cannot be read, what is not decided within
 * 15 seconds, an unknown image. What a stack puts back in a rollback goes on with an alarm, if it was trusted
 * once.
 *
 * The gate does not see tasks without a service (`RunTask`, `StartTask`, scheduled tasks), services without
 * this hook, and tasks that a running deployment starts later. Whoever may change a service can remove the
 * hook.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/lambda-lifecycle-hooks.html
 */
export class EcsDeploymentGate extends Construct {
  private readonly target: DeploymentLifecycleLambdaTarget;
  private readonly guarded = new Set<BaseService>();

  constructor(scope: Construct, id: string, props: EcsDeploymentGateProps) {
    super(scope, id);
    checkProperties('EcsDeploymentGateProps', props, ECS_DEPLOYMENT_GATE);
    const { access, options } = serviceGate(this, props, props.enforcement ?? Enforcement.refuse());
    const handler = new EcsDeploymentGateFunction(this, 'Resource', {
      ...options,
      description: 'Decides whether a revision of an ECS service may start',
    });
    connectGate(this, access, handler);
    options.role.addToPolicy(
      new PolicyStatement({
        actions: ['ecs:DescribeServiceRevisions'],
        resources: ['service', 'service-revision'].map(resource => arnHere(this, 'ecs', resource, '*')),
      }),
    );
    // AWS knows no resource for this action
    options.role.addToPolicy(
      new PolicyStatement({ actions: ['ecs:DescribeTaskDefinition'], resources: ['*'] }),
    );
    // a tag of the service names its stack
    options.role.addToPolicy(
      new PolicyStatement({
        actions: ['ecs:ListTagsForResource'],
        resources: [arnHere(this, 'ecs', 'service', '*')],
      }),
    );
    allowStackStatus(this, options.role);
    const role = new InlineRole(this, 'Invoke', {
      // AWS does not document that Amazon ECS sends the account. If it does not, the hook has to work too
      assumedBy: new ServicePrincipal('ecs.amazonaws.com', {
        conditions: { StringEqualsIfExists: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
    });
    handler.grantInvoke(role);
    this.target = new DeploymentLifecycleLambdaTarget(handler, 'TrustedImages', {
      role,
      lifecycleStages: [DeploymentLifecycleStage.PRE_SCALE_UP],
    });
    warnOfIdleGate(this, () => this.guarded.size === 0, 'pass each service to guard()');
  }

  /**
   * Puts a service behind this gate. Throws for a service that CodeDeploy or another controller deploys: it
   * has no hooks. Throws for an imported service, and for one of another stage, account or region. For a
   * container without a digest in its task definition there is a warning.
   *
   * AWS documents hooks for blue/green, linear and canary deployments. For a rolling deployment there is a
   * warning: see on AWS that the hook is called.
   */
  public guard(service: BaseService): void {
    checkService(service);
    checkNearGate('service', service, this);
    if (this.guarded.has(service)) return;
    this.guarded.add(service);
    warnOfSecondGate(service, this);
    service.addLifecycleHook(this.target);
    service.node.addDependency(this);
    warnOfTags(this, service);
    const { deploymentConfiguration } = service.node.defaultChild as CfnService;
    const strategy = Token.isUnresolved(deploymentConfiguration)
      ? undefined
      : (deploymentConfiguration as CfnService.DeploymentConfigurationProperty | undefined)?.strategy;
    if (strategy !== undefined && strategy !== 'ROLLING') return;
    Annotations.of(service).addWarningV2(
      'cdk-trusted-images:gateOfRollingDeployment',
      `the gate ${this.node.path} may not see the deployments of ${service.node.path}: AWS documents hooks for the deployment strategies BLUE_GREEN, LINEAR and CANARY, and this service has ROLLING; set deploymentStrategy, or see on AWS that the hook is called`,
    );
  }
}

const GATES = new WeakMap<BaseService, EcsDeploymentGate>();

/** Amazon ECS asks both, and a refusal of either stops the deployment. */
function warnOfSecondGate(service: BaseService, gate: EcsDeploymentGate): void {
  const other = GATES.get(service);
  if (other === undefined) {
    GATES.set(service, gate);
    return;
  }
  Annotations.of(service).addWarningV2(
    'cdk-trusted-images:secondGateOfService',
    `${service.node.path} is behind two gates, ${other.node.path} and ${gate.node.path}: Amazon ECS asks both, so one that only audits admits nothing that the other refuses; call guard() of one gate only`,
  );
}

/** From JavaScript, whatever holds a service comes here, and an imported service has no hooks. */
function checkService(service: BaseService): void {
  if (typeof service?.addLifecycleHook === 'function') return;
  throw new Error(
    `guard() of an EcsDeploymentGate got ${shown(service)}, allowed: a FargateService or another service that this app makes; of a pattern, its "service"`,
  );
}
