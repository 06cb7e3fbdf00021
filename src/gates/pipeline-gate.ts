import { CfnOutput, Token } from 'aws-cdk-lib';
import type { ActionBindOptions, ActionConfig, IAction, IStage } from 'aws-cdk-lib/aws-codepipeline';
import { LambdaInvokeAction, type LambdaInvokeActionProps } from 'aws-cdk-lib/aws-codepipeline-actions';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { Enforcement } from './enforcement';
import { warnOfIdleGate } from './idle-gate';
import { checkNearGate } from './near-trust';
import { PipelineGateFunction } from './pipeline-gate-function';
import { connectGate, serviceGate } from './service-gate';
import { SERVICE_GATE_OPTIONS, type ServiceGateOptions } from './service-gate-options';
import { parametersFor } from '../core/gates/pipeline-job';
import { Digest } from '../core/image/image';
import { readImageReference } from '../core/image/image-reference';
import { Limit } from '../core/limits';
import { checkProperties, optional, required, TEXT, type Properties } from '../properties/properties';

/**
 * Properties of a gate for CodePipeline.
 */
export interface PipelineGateProps extends ServiceGateOptions {
  /**
   * What happens to the execution of a pipeline with an image that is not trusted.
   *
   * @default Enforcement.refuse()
   */
  readonly enforcement?: Enforcement;
}

const PIPELINE_GATE: Properties<PipelineGateProps> = {
  ...SERVICE_GATE_OPTIONS,
  enforcement: optional(Enforcement, 'an Enforcement'),
};

/**
 * Properties of an action that asks a gate.
 */
export interface PipelineGateActionProps {
  /** The name of the action. */
  readonly actionName: string;

  /**
   * The images, 1 to 50, each with its digest: `<registry>/<repository>@sha256:<64 hex>`. Variables of
   * earlier actions are allowed, for example the one that a build exports. A variable holds one image, and
   * nothing else.
   *
   * CodePipeline takes 1,000 characters for all of them, which are about seven images that are written out.
   * More images need more actions.
   */
  readonly images: string[];

  /**
   * The position of the action in its stage.
   *
   * @default 1
   */
  readonly runOrder?: number;
}

const AN_IMAGE =
  'with its digest, <registry>/<repository>@sha256:<64 hex>, or a variable of an earlier action, for example #{Build.IMAGE}';

const PIPELINE_GATE_ACTION: Properties<PipelineGateActionProps> = {
  actionName: required(),
  images: required([TEXT], `a list of images, each ${AN_IMAGE}`),
  runOrder: optional(),
};

/**
 * Stops executions of CodePipeline whose images are not trusted. An action of the pipeline names the images,
 * and the execution goes on if every one of them is trusted. The action shows the reason.
 *
 * What may be over soon (a scan or a signature that is under way, a service that throttles) is looked at
 * again up to nine times. Everything else is refused at once: a tag without a digest, a variable that has no
 * value, what is not decided within 15 seconds.
 *
 * The gate believes the pipeline: it judges the images that the action names, whichever the next action
 * deploys. Whoever may change the pipeline can remove the action.
 *
 * @see https://docs.aws.amazon.com/codepipeline/latest/userguide/actions-invoke-lambda-function.html
 */
export class PipelineGate extends Construct {
  /**
   * The function that the action invokes. Its ARN is the scope of break-glass grants for pipelines that ask
   * this gate, and an output of the stack.
   */
  public readonly handler: IFunction;

  private actions = 0;

  constructor(scope: Construct, id: string, props: PipelineGateProps) {
    super(scope, id);
    checkProperties('PipelineGateProps', props, PIPELINE_GATE);
    const { access, options } = serviceGate(this, props, props.enforcement ?? Enforcement.refuse());
    this.handler = new PipelineGateFunction(this, 'Resource', {
      ...options,
      description: 'Decides whether a pipeline may go on with its images',
    });
    connectGate(this, access, this.handler);
    new CfnOutput(this, 'FunctionArn', {
      value: this.handler.functionArn,
      description: 'The scope of break-glass grants for the pipelines that ask this gate',
    });
    warnOfIdleGate(this, () => this.actions === 0, 'add its action() to a stage of a pipeline');
  }

  /**
   * An action that asks this gate, for a stage before the one that deploys. Throws if there is no image, if
   * there are more than 50, if they have more characters than CodePipeline takes, and for an image that is
   * written out without its digest: the gate would always refuse it.
   */
  public action(props: PipelineGateActionProps): IAction {
    checkProperties('PipelineGateActionProps', props, PIPELINE_GATE_ACTION);
    const { actionName, images, runOrder } = props;
    if (images.length === 0 || images.length > Limit.gateImages) {
      throw new Error(
        `images of the action ${JSON.stringify(actionName)} has ${images.length} images, allowed: 1 to ${Limit.gateImages}`,
      );
    }
    for (const image of images) checkNamed(image, actionName);
    const userParameters = parametersFor(images);
    const text = JSON.stringify(userParameters);
    if (!Token.isUnresolved(text) && text.length > Limit.pipelineParameters) {
      throw new Error(
        `images of the action ${JSON.stringify(actionName)} needs ${text.length} characters, allowed: ${Limit.pipelineParameters}, which CodePipeline takes; name the others in another action`,
      );
    }
    this.actions += 1;
    // the CDK lets the function answer jobs. AWS knows no resource for that
    return new GateAction(this, { actionName, runOrder, lambda: this.handler, userParameters });
  }
}

/** Its pipeline is known when it is added to one. */
class GateAction extends LambdaInvokeAction {
  constructor(
    private readonly gate: PipelineGate,
    props: LambdaInvokeActionProps,
  ) {
    super(props);
  }

  protected bound(scope: Construct, stage: IStage, options: ActionBindOptions): ActionConfig {
    checkNearGate('pipeline', stage.pipeline, this.gate);
    return super.bound(scope, stage, options);
  }
}

/** A variable, `#{…}`, and a token are known only when the pipeline runs, and when it is deployed. */
function checkNamed(image: string, actionName: string): void {
  if (Token.isUnresolved(image) || image.includes('#{')) return;
  const read = readImageReference(image);
  if (read.ok && Digest.safeParse(read.value.digest).success) return;
  throw new Error(
    `images of the action ${JSON.stringify(actionName)} names ${JSON.stringify(image)}, allowed: an image ${AN_IMAGE}`,
  );
}
