import * as z from 'zod';
import type { LookUp, NamedImage } from './sighting';

/** What a call of an API says about images. `undefined` of a reader: it runs none. */
export interface Call {
  readonly what: string;
  readonly arn: string;
  readonly images?: readonly NamedImage[];
  readonly lookUp?: LookUp;
  readonly isSeenAgain?: true;
  readonly pullsAgain?: true;
}

/** The two halves of a record of CloudTrail. Either may be missing or cut: readers say what they need. */
export interface Halves {
  readonly request: unknown;
  readonly response: unknown;
}

type Reader = (halves: Halves) => Call | undefined;

const text = z.string().min(1);
const optionalText = z.string().nullish();
const Containers = z.array(z.object({ image: text }));

const named = (reference: string): NamedImage => ({ reference });
const lastPart = (arn: string) => arn.split(/[:/]/).at(-1)!;

const TaskDefinitionMade = z.object({
  request: z.object({ family: text, containerDefinitions: Containers }),
});

function taskDefinition(halves: Halves): Call {
  const { family, containerDefinitions } = TaskDefinitionMade.parse(halves).request;
  const made = z
    .object({ taskDefinition: z.object({ taskDefinitionArn: text }) })
    .safeParse(halves.response).data;
  return {
    what: `task definition ${family}`,
    arn: made?.taskDefinition.taskDefinitionArn ?? family,
    images: containerDefinitions.map(({ image }) => named(image)),
    isSeenAgain: true, // a task of it has an event with the digest that was pulled
  };
}

const ServiceDeployed = z.object({
  request: z.object({ cluster: optionalText }).nullish(),
  response: z.object({
    service: z.object({ serviceName: text, serviceArn: text, taskDefinition: optionalText }),
  }),
});

function service(halves: Halves): Call | undefined {
  const { request, response } = ServiceDeployed.parse(halves);
  const { serviceName, serviceArn, taskDefinition: name } = response.service;
  const cluster = lastPart(request?.cluster ?? serviceArn.split('/').at(-2) ?? 'default');
  const common = { what: `service ${serviceName} in the cluster ${cluster}`, arn: serviceArn };
  // of task sets, which an external controller makes: their tasks have events of their own
  if (!name) return undefined;
  return { ...common, lookUp: { kind: 'task-definition', name }, isSeenAgain: true };
}

const TaskRun = z.object({
  request: z.object({ cluster: optionalText, taskDefinition: text }),
  response: z
    .object({
      tasks: z.array(z.object({ group: optionalText, taskArn: text, taskDefinitionArn: text })).nullish(),
    })
    .nullish(),
});

function task(halves: Halves): Call {
  const { request, response } = TaskRun.parse(halves);
  const [first] = response?.tasks ?? [];
  const family = lastPart(request.taskDefinition.replace(/:\d+$/, ''));
  return {
    what: `task of ${family} in the cluster ${lastPart(request.cluster || 'default')}`,
    arn: first?.taskArn ?? request.taskDefinition,
    lookUp: { kind: 'task-definition', name: first?.taskDefinitionArn ?? request.taskDefinition },
    isSeenAgain: true,
  };
}

const FunctionChanged = z.object({
  request: z.object({ functionName: text }),
  response: z.object({ functionArn: optionalText, packageType: optionalText }).nullish(),
});

/** CloudTrail hides the code of a function, so AWS Lambda is asked what it is. */
function lambdaFunction(halves: Halves): Call | undefined {
  const { request, response } = FunctionChanged.parse(halves);
  if (response?.packageType === 'Zip') return undefined;
  const name = response?.functionArn || request.functionName;
  return {
    what: `function ${lastPart(request.functionName)}`,
    arn: name,
    lookUp: { kind: 'function', name },
  };
}

const Pod = z.object({ containers: Containers.nullish(), initContainers: Containers.nullish() });
const EcsProperties = z.object({ taskProperties: z.array(z.object({ containers: Containers })) });
const Node = z.object({
  container: z.object({ image: text }).nullish(),
  ecsProperties: EcsProperties.nullish(),
  eksProperties: z.object({ podProperties: Pod }).nullish(),
});

/** The parts of a job definition of AWS Batch that name images. */
export const JobProperties = Node.omit({ container: true }).extend({
  containerProperties: z.object({ image: text }).nullish(),
  nodeProperties: z.object({ nodeRangeProperties: z.array(Node) }).nullish(),
});
export type JobProperties = z.infer<typeof JobProperties>;

const JobDefinitionMade = z.object({ request: JobProperties.extend({ jobDefinitionName: text }) });

/** The images of a definition of AWS Batch, in each of its forms. Throws for one without images. */
export function imagesOfJob({ nodeProperties, containerProperties, ...rest }: JobProperties): NamedImage[] {
  return nodeProperties == null
    ? imagesOfNode({ container: containerProperties, ...rest })
    : nodeProperties.nodeRangeProperties.flatMap(imagesOfNode);
}

function imagesOfNode({ container, ecsProperties, eksProperties }: z.infer<typeof Node>): NamedImage[] {
  const images = [
    ...(container == null ? [] : [container]),
    ...(ecsProperties?.taskProperties ?? []).flatMap(({ containers }) => containers),
    ...(eksProperties?.podProperties.containers ?? []),
    ...(eksProperties?.podProperties.initContainers ?? []),
  ];
  if (images.length === 0) throw new Error('the job definition names no image where images are expected');
  return images.map(({ image }) => named(image));
}

function jobDefinition(halves: Halves): Call {
  const { jobDefinitionName, ...properties } = JobDefinitionMade.parse(halves).request;
  const made = z.object({ jobDefinitionArn: text }).safeParse(halves.response).data;
  return {
    what: `job definition ${jobDefinitionName}`,
    arn: made?.jobDefinitionArn ?? jobDefinitionName,
    images: imagesOfJob(properties),
  };
}

const Replaced = z.array(z.object({ image: optionalText })).nullish();
const PodOverride = z
  .object({ podProperties: z.object({ containers: Replaced, initContainers: Replaced }) })
  .nullish();
const JobSubmitted = z.object({
  request: z.object({
    jobName: text,
    jobDefinition: text,
    /** Of a job on Amazon EKS, a submitter can replace the images. */
    eksPropertiesOverride: PodOverride,
    nodeOverrides: z
      .object({
        nodePropertyOverrides: z.array(z.object({ eksPropertiesOverride: PodOverride })).nullish(),
      })
      .nullish(),
  }),
  response: z.object({ jobArn: optionalText }).nullish(),
});

function job(halves: Halves): Call {
  const { request, response } = JobSubmitted.parse(halves);
  const overrides = [request, ...(request.nodeOverrides?.nodePropertyOverrides ?? [])];
  const replaced = overrides
    .flatMap(({ eksPropertiesOverride: pod }) => [
      ...(pod?.podProperties.containers ?? []),
      ...(pod?.podProperties.initContainers ?? []),
    ])
    .flatMap(({ image }) => (image ? [named(image)] : []));
  return {
    what: `job ${request.jobName}`,
    arn: response?.jobArn || request.jobDefinition,
    images: replaced,
    lookUp: { kind: 'job-definition', name: request.jobDefinition },
  };
}

const AppRunnerResponse = z
  .object({ service: z.object({ serviceName: optionalText, serviceArn: optionalText }) })
  .nullish();
const AppRunnerSource = z.union([
  z.object({ imageRepository: z.object({ imageIdentifier: text }) }),
  z.object({ codeRepository: z.object({}) }),
]);
const AppRunnerCreated = z.object({
  request: z.object({ sourceConfiguration: AppRunnerSource }),
  response: AppRunnerResponse,
});
/** An update that names no source keeps the one it had. */
const AppRunnerUpdated = z.object({
  request: z.object({ serviceArn: text, sourceConfiguration: AppRunnerSource.nullish() }),
  response: AppRunnerResponse,
});

function appRunner(
  halves: Halves,
  shape: typeof AppRunnerCreated | typeof AppRunnerUpdated,
): Call | undefined {
  const { request, response } = shape.parse(halves);
  const source = request.sourceConfiguration;
  // what is built from sources is no image of anybody
  if (source == null || !('imageRepository' in source)) return undefined;
  const name = response?.service.serviceName || 'without a name';
  return {
    what: `App Runner service ${name}`,
    arn: response?.service.serviceArn || name,
    images: [named(source.imageRepository.imageIdentifier)],
    pullsAgain: true, // each deployment pulls, also one that nobody calls for
  };
}

const ModelContainer = z.object({ image: optionalText, modelPackageName: optionalText });
const ModelMade = z.object({
  request: z.object({
    modelName: text,
    primaryContainer: ModelContainer.nullish(),
    containers: z.array(ModelContainer).nullish(),
  }),
  response: z.object({ modelArn: optionalText }).nullish(),
});

function model(halves: Halves): Call {
  const { request, response } = ModelMade.parse(halves);
  const containers = [
    ...(request.primaryContainer == null ? [] : [request.primaryContainer]),
    ...(request.containers ?? []),
  ];
  const images = containers.map(({ image, modelPackageName }) => {
    if (image) return named(image);
    throw new Error(
      modelPackageName
        ? `it is made of the model package ${modelPackageName}, whose image is not in the event`
        : 'a container has no image',
    );
  });
  return { what: `model ${request.modelName}`, arn: response?.modelArn || request.modelName, images };
}

const ProjectChanged = z.object({
  request: z.object({ name: text, environment: z.object({ image: text }).nullish() }),
  response: z.object({ project: z.object({ arn: optionalText }) }).nullish(),
});

function project(halves: Halves): Call | undefined {
  const { request, response } = ProjectChanged.parse(halves);
  if (request.environment == null) return undefined; // an update that leaves the image as it is
  return {
    what: `CodeBuild project ${request.name}`,
    arn: response?.project.arn || request.name,
    images: [named(request.environment.image)],
    pullsAgain: true, // each build pulls, and its call does not name the image
  };
}

const BuildStarted = z.object({
  request: z.object({ projectName: text, imageOverride: optionalText }),
});

function build(halves: Halves): Call | undefined {
  const { projectName, imageOverride } = BuildStarted.parse(halves).request;
  if (!imageOverride) return undefined; // its project was seen
  return {
    what: `build of the CodeBuild project ${projectName}`,
    arn: projectName,
    images: [named(imageOverride)],
  };
}

/**
 * The calls that run an image, or choose which one will run, as CloudTrail names them. All are management
 * events, which a trail delivers to EventBridge.
 */
export const CALLS: Readonly<Record<string, Readonly<Record<string, Reader>>>> = {
  ecs: {
    RegisterTaskDefinition: taskDefinition,
    CreateService: service,
    UpdateService: service,
    RunTask: task,
    StartTask: task,
  },
  lambda: {
    CreateFunction20150331: lambdaFunction,
    UpdateFunctionCode20150331v2: lambdaFunction,
  },
  batch: { RegisterJobDefinition: jobDefinition, SubmitJob: job },
  apprunner: {
    CreateService: halves => appRunner(halves, AppRunnerCreated),
    UpdateService: halves => appRunner(halves, AppRunnerUpdated),
  },
  sagemaker: { CreateModel: model },
  codebuild: {
    CreateProject: project,
    UpdateProject: project,
    StartBuild: build,
    StartBuildBatch: build,
  },
};
