import * as z from 'zod';
import type { ImageToRun } from './image-to-run';
import { whyUnread } from './unread';
import { isManagedBuildImage } from '../image/managed-build-image';
import { failed, ok, type Result } from '../result';
import { imagesOf } from '../template/container-images';
import { whyUnseen } from '../template/unseen-images';
import { plainText, quoted } from '../text/plain-text';
import { Tries } from '../times';

/** The types of CloudFormation that a gate looks at. A hook has at most 50 targets: each type is two. */
export const GATED_TYPES = [
  'AWS::AppRunner::Service',
  'AWS::Batch::JobDefinition',
  'AWS::BedrockAgentCore::Harness',
  'AWS::BedrockAgentCore::Runtime',
  'AWS::CleanRoomsML::ConfiguredModelAlgorithm',
  'AWS::CodeBuild::Project',
  'AWS::ECS::DaemonTaskDefinition',
  'AWS::ECS::ExpressGatewayService',
  'AWS::ECS::TaskDefinition',
  'AWS::EMRServerless::Application',
  'AWS::GameLift::ContainerGroupDefinition',
  'AWS::Lambda::Function',
  'AWS::Lightsail::Container',
  'AWS::SageMaker::DataQualityJobDefinition',
  'AWS::SageMaker::ImageVersion',
  'AWS::SageMaker::InferenceComponent',
  'AWS::SageMaker::Model',
  'AWS::SageMaker::ModelBiasJobDefinition',
  'AWS::SageMaker::ModelExplainabilityJobDefinition',
  'AWS::SageMaker::ModelPackage',
  'AWS::SageMaker::ModelQualityJobDefinition',
  'AWS::SageMaker::MonitoringSchedule',
  'AWS::SageMaker::ProcessingJob',
] as const;
type GatedType = (typeof GATED_TYPES)[number];

const Model = z.object({ resourceProperties: z.record(z.string(), z.unknown()) });

/**
 * What CloudFormation and Cloud Control send to a hook. The documented sample of a resource has no token,
 * although the answer needs one.
 *
 * @see https://docs.aws.amazon.com/cloudformation-cli/latest/hooks-userguide/lambda-hooks-create-lambda-function.html
 */
const Request = z.object({
  clientRequestToken: z.string().optional(),
  stackId: z.string().nullish(),
  actionInvocationPoint: z.enum(['CREATE_PRE_PROVISION', 'UPDATE_PRE_PROVISION', 'DELETE_PRE_PROVISION']),
  requestData: z.object({
    targetName: z.string(),
    targetLogicalId: z.string(),
    targetModel: z.unknown().optional(),
    /** Where the model lies that was too large for the event. */
    payload: z.string().nullish(),
  }),
  requestContext: z.object({ invocation: z.number().int().min(1) }).optional(),
});

export interface HookRequest {
  /** As CloudFormation gave it: an answer without it counts for nothing. */
  readonly token: string | undefined;
  /** Undefined for Cloud Control. */
  readonly stackId: string | undefined;
  readonly logicalId: string;
  readonly type: string;
  readonly isDeletion: boolean;
  /** In the event, or at a URL. */
  readonly model: { readonly here: unknown } | { readonly url: string };
  readonly isLastLook: boolean;
}

export function readHookRequest(event: unknown): Result<HookRequest, string> {
  const read = Request.safeParse(event);
  if (!read.success) return failed(whyUnread('the request of CloudFormation', read.error));
  const {
    clientRequestToken: token,
    stackId,
    actionInvocationPoint,
    requestData,
    requestContext,
  } = read.data;
  const { targetName: type, targetLogicalId: logicalId, targetModel, payload } = requestData;
  const isElsewhere = typeof payload === 'string' && payload !== '' && isEmpty(targetModel);
  return ok({
    token,
    stackId: stackId === '' ? undefined : (stackId ?? undefined),
    logicalId,
    type,
    isDeletion: actionInvocationPoint === 'DELETE_PRE_PROVISION',
    model: isElsewhere ? { url: payload } : { here: targetModel },
    isLastLook: (requestContext?.invocation ?? Tries.hookLooks) >= Tries.hookLooks,
  });
}

/** The token of an event that cannot be read otherwise. */
export function tokenOf(event: unknown): string | undefined {
  const read = z.object({ clientRequestToken: z.string() }).safeParse(event);
  return read.success ? read.data.clientRequestToken : undefined;
}

/** The images that a resource names. None for one that runs no image of anybody. */
export function imagesOfResource(type: string, model: unknown): Result<readonly ImageToRun[], string> {
  if (!isGated(type)) {
    return failed(`the gate was asked about ${quoted(type, 100)}, allowed: ${GATED_TYPES.join(', ')}`);
  }
  const strange = strangeKeyIn(model);
  if (strange !== undefined) {
    return failed(
      `the ${type} has a property ${quoted(strange, 100)}, allowed: those of CloudFormation; take it out`,
    );
  }
  const read = Model.safeParse(model);
  if (!read.success) return failed(whyUnread(`the properties of the ${type}`, read.error));
  const { resourceProperties: Properties } = read.data;
  const unseen = whatIsUnseen(type, Properties);
  if (unseen !== undefined) return failed(unseen);
  const images = imagesOf({ Type: type, Properties }).filter(
    ({ value }) => !(type === 'AWS::CodeBuild::Project' && isManagedBuildImage(value)),
  );
  if (images.length > 0) {
    return ok(images.map(({ location, value }) => ({ of: location, reference: value })));
  }
  return NO_IMAGE[type]?.safeParse(Properties).success === true
    ? ok([])
    : failed(`the ${type} names no image where the gate knows to look`);
}

const ABSENT = z.undefined().optional();

/**
 * What runs no image of anybody: code in a zip, a service that is built from sources, an image that the
 * service itself brings, and what refers to another resource that is judged.
 */
const NO_IMAGE: Partial<Record<GatedType, z.ZodType>> = {
  'AWS::AppRunner::Service': z.object({
    SourceConfiguration: z.object({
      CodeRepository: z.object({}),
      ImageRepository: ABSENT,
    }),
  }),
  'AWS::BedrockAgentCore::Harness': z.object({ EnvironmentArtifact: ABSENT }),
  'AWS::BedrockAgentCore::Runtime': z.object({
    AgentRuntimeArtifact: z.object({ CodeConfiguration: z.object({}), ContainerConfiguration: ABSENT }),
  }),
  'AWS::CodeBuild::Project': z.object({ Environment: z.object({ Image: z.custom(isManagedBuildImage) }) }),
  'AWS::Lambda::Function': z.object({
    PackageType: z.literal('Zip').optional(),
    Code: z.union([z.object({ ZipFile: z.string() }), z.object({ S3Bucket: z.string(), S3Key: z.string() })]),
  }),
  'AWS::EMRServerless::Application': z.object({
    ImageConfiguration: ABSENT,
    WorkerTypeSpecifications: z.record(z.string(), z.object({ ImageConfiguration: ABSENT })).optional(),
  }),
  'AWS::Lightsail::Container': z.object({ ContainerServiceDeployment: ABSENT }),
  'AWS::SageMaker::InferenceComponent': z.object({
    Specification: z.union([
      z.object({ ModelName: z.string(), Container: ABSENT }),
      z.object({ BaseInferenceComponentName: z.string() }),
    ]),
  }),
  'AWS::SageMaker::ModelPackage': z.object({
    InferenceSpecification: ABSENT,
    AdditionalInferenceSpecifications: ABSENT,
    AdditionalInferenceSpecificationsToAdd: ABSENT,
    SourceAlgorithmSpecification: ABSENT,
  }),
  'AWS::SageMaker::MonitoringSchedule': z.object({
    MonitoringScheduleConfig: z.object({
      MonitoringJobDefinitionName: z.string(),
      MonitoringJobDefinition: ABSENT,
    }),
  }),
};

/** Why the resource may run an image that is not among those it names. */
function whatIsUnseen(type: GatedType, properties: Readonly<Record<string, unknown>>): string | undefined {
  if (type === 'AWS::SageMaker::Model') {
    // either case, as where images are looked for
    const containers = Object.entries(properties)
      .filter(([name]) => ['primarycontainer', 'containers'].includes(name.toLowerCase()))
      .flatMap(([, part]) => (part ?? []) as object);
    const isNamed = (each: object) => Object.keys(each).some(key => key.toLowerCase() === 'image');
    if (!containers.every(each => typeof each !== 'object' || isNamed(each ?? {}))) {
      return 'it has a container without an image of its own, which a model package names';
    }
  }
  const unseen = whyUnseen(type, properties);
  return unseen && plainText(unseen, 300);
}

/** Keys that reach the prototype of an object. No schema has them, and readers differ about them. */
const STRANGE = new Set(['__proto__', 'constructor', 'prototype']);

function strangeKeyIn(model: unknown): string | undefined {
  for (const rest: unknown[] = [model]; rest.length > 0;) {
    const value = rest.pop();
    if (typeof value !== 'object' || value === null) continue;
    for (const [key, part] of Object.entries(value)) {
      if (STRANGE.has(key)) return key;
      rest.push(part);
    }
  }
  return undefined;
}

function isGated(type: string): type is GatedType {
  return (GATED_TYPES as readonly string[]).includes(type);
}

function isEmpty(model: unknown): boolean {
  return (
    model === undefined || model === null || (typeof model === 'object' && Object.keys(model).length === 0)
  );
}
