import { additionsIn, intrinsicIn, type TemplateResource } from './template';

/** `*` stands for each element of a list, `%` for each value of a map. */
const TASK = 'ContainerDefinitions.*.Image';
const ECS = 'EcsProperties.TaskProperties.*.Containers.*.Image';
const PODS = [
  'EksProperties.PodProperties.Containers.*.Image',
  'EksProperties.PodProperties.InitContainers.*.Image',
];

/** The types of CloudFormation that run a container, and where each of them names its images. */
export const CONTAINER_IMAGES: ReadonlyMap<string, readonly string[]> = new Map([
  ['AWS::AppRunner::Service', ['SourceConfiguration.ImageRepository.ImageIdentifier']],
  [
    'AWS::Batch::JobDefinition',
    [
      'ContainerProperties.Image',
      ECS,
      ...PODS,
      ...['Container.Image', ECS, ...PODS].map(path => `NodeProperties.NodeRangeProperties.*.${path}`),
    ],
  ],
  ['AWS::BedrockAgentCore::Harness', ['EnvironmentArtifact.ContainerConfiguration.ContainerUri']],
  ['AWS::BedrockAgentCore::Runtime', ['AgentRuntimeArtifact.ContainerConfiguration.ContainerUri']],
  [
    'AWS::CleanRoomsML::ConfiguredModelAlgorithm',
    ['InferenceContainerConfig.ImageUri', 'TrainingContainerConfig.ImageUri'],
  ],
  ['AWS::CodeBuild::Project', ['Environment.Image']],
  ['AWS::ECS::DaemonTaskDefinition', [TASK]],
  ['AWS::ECS::ExpressGatewayService', ['PrimaryContainer.Image']],
  ['AWS::ECS::TaskDefinition', [TASK]],
  [
    'AWS::EMRServerless::Application',
    ['ImageConfiguration.ImageUri', 'WorkerTypeSpecifications.%.ImageConfiguration.ImageUri'],
  ],
  [
    'AWS::GameLift::ContainerGroupDefinition',
    ['GameServerContainerDefinition.ImageUri', 'SupportContainerDefinitions.*.ImageUri'],
  ],
  ['AWS::Lambda::Function', ['Code.ImageUri']],
  ['AWS::Lightsail::Container', ['ContainerServiceDeployment.Containers.*.Image']],
  ['AWS::SageMaker::DataQualityJobDefinition', ['DataQualityAppSpecification.ImageUri']],
  ['AWS::SageMaker::ImageVersion', ['BaseImage']],
  ['AWS::SageMaker::InferenceComponent', ['Specification.Container.Image']],
  ['AWS::SageMaker::Model', ['PrimaryContainer.Image', 'Containers.*.Image']],
  ['AWS::SageMaker::ModelBiasJobDefinition', ['ModelBiasAppSpecification.ImageUri']],
  ['AWS::SageMaker::ModelExplainabilityJobDefinition', ['ModelExplainabilityAppSpecification.ImageUri']],
  [
    'AWS::SageMaker::ModelPackage',
    [
      'InferenceSpecification.Containers.*.Image',
      'AdditionalInferenceSpecifications.*.Containers.*.Image',
      'AdditionalInferenceSpecificationsToAdd.*.Containers.*.Image',
    ],
  ],
  ['AWS::SageMaker::ModelQualityJobDefinition', ['ModelQualityAppSpecification.ImageUri']],
  [
    'AWS::SageMaker::MonitoringSchedule',
    ['MonitoringScheduleConfig.MonitoringJobDefinition.MonitoringAppSpecification.ImageUri'],
  ],
  ['AWS::SageMaker::ProcessingJob', ['AppSpecification.ImageUri']],
  ['AWS::Serverless::Function', ['ImageUri']],
]);

/** One place at which a resource names an image, and what stands there. */
export interface ImageProperty {
  /** As reports of the CDK write it: `Properties/ContainerDefinitions/0/Image`. */
  readonly location: string;
  readonly value: unknown;
}

/** The images that a resource names. Of a condition, both sides count: either can be deployed. */
export function imagesOf({ Type, Properties }: TemplateResource): ImageProperty[] {
  const paths = typeof Type === 'string' ? (CONTAINER_IMAGES.get(Type) ?? []) : [];
  return imagesUnder(
    Properties,
    paths.map(path => path.split('.')),
  );
}

export function imagesUnder(value: unknown, paths: readonly (readonly string[])[]): ImageProperty[] {
  return paths.flatMap(path => [...under(value, path, ['Properties'])]);
}

function* under(
  value: unknown,
  path: readonly string[],
  location: readonly string[],
): Iterable<ImageProperty> {
  if (value === undefined) return;
  const [intrinsic, argument] = intrinsicIn(value) ?? [];
  if (intrinsic === 'Ref' && argument === 'AWS::NoValue') return;
  if (intrinsic === 'Fn::If' && Array.isArray(argument)) {
    for (const branch of argument.slice(1)) yield* under(branch, path, location);
    return;
  }
  const [name, ...rest] = path;
  // a value in the place of a whole part hides the images in it
  if (name === undefined || intrinsic !== undefined) {
    yield { location: location.join('/'), value };
    return;
  }
  if (name === '*') {
    const list = Array.isArray(value) ? value : [value];
    for (const [at, each] of list.entries()) yield* under(each, rest, [...location, String(at)]);
    return;
  }
  if (value === null) return;
  // a part as JSON text
  if (typeof value !== 'object') {
    yield { location: location.join('/'), value };
    return;
  }
  for (const key of additionsIn(value)) {
    yield { location: [...location, key].join('/'), value: { [key]: null } };
  }
  for (const [key, part] of Object.entries(value)) {
    // types of CloudFormation that are JSON take either case
    if (name === '%' || key.toLowerCase() === name.toLowerCase()) {
      yield* under(part, rest, [...location, key]);
    }
  }
}
