import { Aws, CfnLambdaHook, CfnOutput, Names, Stack, Token } from 'aws-cdk-lib';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { CloudformationGateFunction } from './cloudformation-gate-function';
import { Enforcement } from './enforcement';
import type { IImageTrust } from './i-image-trust';
import { placeOf } from './near-trust';
import { allowStackStatus, connectGate, serviceGate } from './service-gate';
import { SERVICE_GATE_OPTIONS, type ServiceGateOptions } from './service-gate-options';
import { checkRegion } from '../access/check-region';
import { EnvironmentName } from '../core/environment';
import { GATED_TYPES } from '../core/gates/cloudformation-hook';
import { checkProperties, optional, required, type Properties } from '../properties/properties';
import { warnAtSynthesis } from '../properties/warn-at-synthesis';
import { InlineRole } from '../queues/inline-role';
import { topLevel } from '../trust/stacks';

/**
 * Properties of a gate for CloudFormation.
 */
export interface CloudFormationGateProps extends ServiceGateOptions {
  /**
   * What happens to a resource whose image is not trusted. There is no default, because the gate asks for
   * every stack of the account and region: begin with `Enforcement.audit()`, and see what it shows.
   */
  readonly enforcement: Enforcement;

  /**
   * How many calls of the hooks AWS Lambda keeps free for the gate, and runs at once at most. CloudFormation
   * calls a hook for each resource that names an image, of all stacks together. AWS Lambda refuses calls
   * beyond this number, and where nothing is reserved, calls beyond what other functions leave of the
   * account's concurrency. While the gate refuses, CloudFormation refuses a resource whose call failed.
   *
   * Lambda takes the number from the account, and keeps at least 100 for functions without a reservation: a
   * deployment fails if fewer would be left. 1 at least.
   *
   * @default - none is reserved: the gate shares the concurrency of the account
   */
  readonly reservedConcurrency?: number;
}

const CLOUD_FORMATION_GATE: Properties<CloudFormationGateProps> = {
  ...SERVICE_GATE_OPTIONS,
  enforcement: required(Enforcement, 'Enforcement.audit() or Enforcement.refuse()'),
  reservedConcurrency: optional(),
};

/**
 * Refuses resources of every stack of the account and region whose images are not trusted: a Lambda hook of
 * CloudFormation, and one of Cloud Control. It looks at each type of CloudFormation that names an image of a
 * container, before it is created or updated: of Amazon ECS, AWS Lambda, AWS Batch, App Runner, CodeBuild,
 * SageMaker, Bedrock AgentCore, EMR Serverless, GameLift, Lightsail and Clean Rooms ML. The events of the
 * stack show the reason.
 *
 * Every image has to be named by its digest. What runs no image of anybody passes at once, and the gate asks
 * nobody: a function of code in a zip, a service that App Runner builds from sources, a project with an image
 * of CodeBuild itself (`aws/codebuild/…`). A value that is not resolved is refused, and so is a model whose
 * image only a model package names. In an audit the hook warns, and the team is notified. What
 * a rollback puts back goes on with an alarm, if it was trusted once.
 *
 * What may be over soon (a signature that is under way, a service that throttles) is looked at again twice,
 * after 30 seconds each. Everything else is refused at once, also what is not decided within 15 seconds. If
 * the function itself fails, CloudFormation refuses too, unless the gate only audits.
 *
 * The stack of the gate is excluded, so that a broken gate can be fixed, and the stack of the trust's
 * scanner, which is a project of CodeBuild. Of a trust of another app, list the image of the scanner in
 * `allowedImages`, if its stack is in this account and region. The gate does not see calls of
 * other APIs than CloudFormation and Cloud Control, other types, and what was deployed before. A later push
 * to a tag does not matter to it, and neither does a later revocation.
 *
 * @see https://docs.aws.amazon.com/cloudformation-cli/latest/hooks-userguide/lambda-hooks.html
 */
export class CloudFormationGate extends Construct {
  /** Of this app. An imported trust may be any. */
  private readonly trust?: IImageTrust;

  /** The name of the hook for stacks: `TrustedImages::Gate::…`. An output of the stack. */
  public readonly hookName: string;
  /** The name of the hook for calls of Cloud Control: `TrustedImages::CloudControlGate::…`. */
  public readonly cloudControlHookName: string;

  constructor(scope: Construct, id: string, props: CloudFormationGateProps) {
    super(scope, id);
    checkProperties('CloudFormationGateProps', props, CLOUD_FORMATION_GATE);
    checkReserved(this, props.reservedConcurrency);
    checkRegion(this);
    const { access, options } = serviceGate(this, props, props.enforcement);
    const handler = new CloudformationGateFunction(this, 'Resource', {
      ...options,
      description: 'Decides whether CloudFormation may deploy the images of a resource',
      reservedConcurrentExecutions: props.reservedConcurrency,
      environment: { ...options.environment, [EnvironmentName.urlSuffix]: Aws.URL_SUFFIX },
    });
    connectGate(this, access, handler);
    allowStackStatus(this, options.role);
    const role = new InlineRole(this, 'Invoke', {
      assumedBy: new ServicePrincipal('hooks.cloudformation.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
    });
    handler.grantInvoke(role);
    const name = Names.uniqueResourceName(this, { maxLength: 60 });
    this.hookName = `TrustedImages::Gate::${name}`;
    this.cloudControlHookName = `TrustedImages::CloudControlGate::${name}`;
    const excluded = [this, ...(access.scanner === undefined ? [] : [access.scanner])].flatMap(each => [
      Stack.of(each),
      topLevel(each),
    ]);
    const common = {
      executionRole: role.roleArn,
      failureMode: props.enforcement._mode() === 'AUDIT' ? 'WARN' : 'FAIL',
      hookStatus: 'ENABLED',
      lambdaFunction: handler.functionArn,
      targetFilters: {
        targets: GATED_TYPES.flatMap(targetName =>
          ['CREATE', 'UPDATE'].map(action => ({ targetName, action, invocationPoint: 'PRE_PROVISION' })),
        ),
      },
    };
    const ofStacks = new CfnLambdaHook(this, 'Hook', {
      ...common,
      alias: this.hookName,
      targetOperations: ['RESOURCE'],
      stackFilters: {
        filteringCriteria: 'ALL',
        stackNames: { exclude: [...new Set(excluded.map(({ stackName }) => stackName))] },
      },
    });
    // a hook of its own: AWS says that one with this target ignores the filters of stacks
    // https://docs.aws.amazon.com/cloudformation-cli/latest/hooks-userguide/hooks-stack-level-filtering.html
    const ofCalls = new CfnLambdaHook(this, 'CloudControl', {
      ...common,
      alias: this.cloudControlHookName,
      targetOperations: ['CLOUD_CONTROL'],
    });
    for (const hook of [ofStacks, ofCalls]) hook.node.addDependency(handler, role);
    const names = { HookName: this.hookName, CloudControlHookName: this.cloudControlHookName };
    for (const [output, value] of Object.entries(names)) {
      new CfnOutput(this, output, {
        value,
        description: 'A hook of the gate, to switch it off in an emergency',
      });
    }
    if (!access.isImported) this.trust = props.trust;
    this.warnOfAnotherTrust();
  }

  /** CloudFormation asks every hook of the account and region. No trust judges the images of another one. */
  private warnOfAnotherTrust(): void {
    warnAtSynthesis(this, 'cdk-trusted-images:gatesOfTwoTrusts', () => {
      const gates = this.node.root.node.findAll().filter(each => each instanceof CloudFormationGate);
      const other = gates.slice(0, gates.indexOf(this)).find(gate => this.isRefusedBy(gate));
      return (
        other &&
        `the gates ${other.node.path} and ${this.node.path} are in one account and region and ask two trusts, ${other.trust?.node.path} and ${this.trust?.node.path}: CloudFormation asks both gates, so each refuses the images that only the other trust judges; let one trust enrol all repositories, or let both gates only audit while a trust is moved`
      );
    });
  }

  private isRefusedBy(gate: CloudFormationGate): boolean {
    const [ours, theirs] = [this.trust, gate.trust];
    return (
      ours !== undefined &&
      theirs !== undefined &&
      ours !== theirs &&
      placeOf(Stack.of(this)) === placeOf(Stack.of(gate))
    );
  }
}

/** With 0, Lambda would refuse every call, and CloudFormation every deployment. */
function checkReserved(gate: CloudFormationGate, reserved?: number): void {
  if (reserved === undefined || Token.isUnresolved(reserved)) return;
  if (Number.isInteger(reserved) && reserved >= 1) return;
  throw new Error(
    `reservedConcurrency of ${gate.node.path} is ${reserved}, allowed: a whole number, 1 at least; leave it out to share the concurrency of the account`,
  );
}
