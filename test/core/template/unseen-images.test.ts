import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { GATED_TYPES } from '../../../src/core/gates/cloudformation-hook';
import { CONTAINER_IMAGES } from '../../../src/core/template/container-images';
import {
  isNamedForImages,
  skippedIn,
  whyUnseen,
  WITHOUT_IMAGES,
} from '../../../src/core/template/unseen-images';

const library = dirname(require.resolve('aws-cdk-lib/package.json'));

interface Property {
  /** As a path of `CONTAINER_IMAGES`. */
  readonly path: string;
  readonly name: string;
  /** It has no parts that the CDK knows. */
  readonly isLeaf: boolean;
}

/** The generated code of a service, and what each of its converters converts. */
function serviceCode(folder: string): { code: string; bodies: ReadonlyMap<string, string> } {
  const code = readFileSync(join(library, folder, 'lib', `${folder.slice(4)}.generated.js`), 'utf8');
  const bodies = [
    ...code.matchAll(
      /function (convertCfn\w+ToCloudFormation)\(properties\)\{.*?assertSuccess\(\),\{(.*?)\}\):properties\}/g,
    ),
  ];
  return { code, bodies: new Map(bodies.map(([, name, body]) => [name!, body!])) };
}

/** Every property of a type, as the CDK generates it from the schema of CloudFormation. */
function propertiesOf(type: string, of?: ReadonlyMap<string, string>): Property[] {
  const [, service, resource] = type.split('::');
  const bodies = of ?? serviceCode(`aws-${service!.toLowerCase()}`).bodies;
  const found: Property[] = [];
  const visit = (converter: string, path: readonly string[], within: readonly string[]): void => {
    if (within.includes(converter)) return;
    for (const [, name, conversion] of (bodies.get(converter) ?? '').matchAll(
      /(?:^|,)([A-Z]\w*):(.*?)(?=,[A-Z]\w*:|$)/g,
    )) {
      const mapped = conversion!.includes('listMapper')
        ? ['*']
        : conversion!.includes('hashMapper')
          ? ['%']
          : [];
      const here = [...path, name!, ...mapped];
      const [inner] = /convertCfn\w+ToCloudFormation/.exec(conversion!) ?? [];
      found.push({ path: here.join('.'), name: name!, isLeaf: inner === undefined });
      if (inner !== undefined) visit(inner, here, [...within, converter]);
    }
  };
  visit(`convertCfn${resource}PropsToCloudFormation`, [], []);
  return found;
}

const ALL = readdirSync(library)
  .filter(folder => existsSync(join(library, folder, 'lib', `${folder.slice(4)}.generated.js`)))
  .flatMap(folder => {
    const { code, bodies } = serviceCode(folder);
    return [...code.matchAll(/CFN_RESOURCE_TYPE_NAME="(AWS::\w+::\w+)"/g)].map(([, type]) => ({
      type: type!,
      properties: propertiesOf(type!, bodies),
    }));
  });

describe.each(GATED_TYPES)('%s, as the newest CDK knows it', type => {
  const properties = propertiesOf(type);
  const known = CONTAINER_IMAGES.get(type)!;
  /** On the way to an image. */
  const isOnTheWay = (path: string) => known.some(each => `${each}.`.startsWith(`${path}.`));

  test('is read', () => {
    expect(properties.map(({ path }) => path)).toEqual(expect.arrayContaining([...known]));
  });

  test('has no property that is named like one with images and is at no known place', () => {
    expect(
      properties
        .filter(({ path, name }) => isNamedForImages(name, skippedIn(type)) && !isOnTheWay(path))
        .map(({ path }) => path),
    ).toEqual([]);
  });
});

/** Names of a property in which a container image can be: texts, and lists of them. */
const NAMED_FOR_IMAGES = /image(?:uri|identifier|path|s)?$|^(?:repository|container)uri$|^containers?$/i;

/** Named so, and none that a resource of that type runs. Each with the reason. */
const ACCEPTED: Readonly<Record<string, string>> = {
  'AWS::ImageBuilder::ContainerRecipe InstanceConfiguration.Image': 'an image of a machine',
  'AWS::ImageBuilder::ContainerRecipe ParentImage':
    'the base of an image that is built: what is built is pushed to Amazon ECR, and judged',
  'AWS::ImageBuilder::ImageRecipe ParentImage': 'an image of a machine',
  'AWS::ImageBuilder::LifecyclePolicy PolicyDetails.*.Action.IncludeResources.Containers': 'a yes or no',
  'AWS::IoTAnalytics::Dataset Actions.*.ContainerAction.Image': 'AWS has ended the service',
  'AWS::IoTWireless::FuotaTask FirmwareUpdateImage': 'firmware',
  'AWS::Omics::Workflow ContainerRegistryMap.ImageMappings.*.DestinationImage':
    'replaces a name in the definition of a workflow, which names the images and is a file in a bucket',
  'AWS::Omics::Workflow ContainerRegistryMap.ImageMappings.*.SourceImage': 'a name that is replaced',
  'AWS::Omics::WorkflowVersion ContainerRegistryMap.ImageMappings.*.DestinationImage':
    'as that of a workflow',
  'AWS::Omics::WorkflowVersion ContainerRegistryMap.ImageMappings.*.SourceImage': 'a name that is replaced',
  'AWS::RDS::CustomDBEngineVersion UseAwsProvidedLatestImage': 'a yes or no',
  'AWS::SageMaker::InferenceComponent Specification.Container.DeployedImage.ResolvedImage': 'an answer',
  'AWS::SageMaker::InferenceComponent Specification.Container.DeployedImage.SpecifiedImage': 'an answer',
  'AWS::SageMaker::ModelCard Content.ModelOverview.InferenceEnvironment.ContainerImage': 'a description',
  'AWS::SageMaker::ModelCard Content.ModelPackageDetails.InferenceSpecification.Containers.*.Image':
    'a description',
  'AWS::SageMaker::ModelCard Content.TrainingDetails.TrainingJobDetails.TrainingEnvironment.ContainerImage':
    'a description',
};

describe('all types of CloudFormation that the newest CDK knows', () => {
  const found = ALL.flatMap(({ type, properties }) =>
    properties
      .filter(({ name, isLeaf }) => isLeaf && NAMED_FOR_IMAGES.test(name))
      .map(({ path }) => ({ type, path: path.replace(/\.\*$/, '') })),
  );
  const isKnown = ({ type, path }: { type: string; path: string }) =>
    CONTAINER_IMAGES.get(type)?.includes(path) === true;

  test('the search finds what is known', () => {
    expect(ALL.length).toBeGreaterThan(1000);
    const places = new Set(found.map(({ type, path }) => `${type} ${path}`));
    const known = [...CONTAINER_IMAGES].flatMap(([type, paths]) => paths.map(path => `${type} ${path}`));
    expect(known.filter(each => !places.has(each))).toEqual([]);
  });

  test('each place of a container image is known, or accepted with a reason', () => {
    const unknown = found.filter(each => !isKnown(each)).map(({ type, path }) => `${type} ${path}`);
    expect([...new Set(unknown)].sort()).toEqual(Object.keys(ACCEPTED).sort());
  });

  test('each type with one is asked about, but for what SAM replaces', () => {
    const types = [...CONTAINER_IMAGES.keys()].filter(type => type !== 'AWS::Serverless::Function');
    expect([...GATED_TYPES].sort()).toEqual(types.sort());
    expect(GATED_TYPES.length * 2).toBeLessThanOrEqual(50);
  });
});

test('what is skipped exists', () => {
  const names = new Set(GATED_TYPES.flatMap(type => propertiesOf(type)).map(({ name }) => name));
  expect(WITHOUT_IMAGES.filter(name => !names.has(name))).toEqual([]);
});

describe('rule 5.7, fail closed, and no further: environment variables of a SageMaker model name no image', () => {
  const container = (Environment: object, more = {}) => ({ Image: 'i', Environment, ...more });

  test.each(['SAGEMAKER_CONTAINER', 'SPRING_PROPERTIES', 'IMAGE'])('%s', name => {
    expect(
      whyUnseen('AWS::SageMaker::Model', {
        PrimaryContainer: container({ [name]: 'x' }),
        Containers: [container({ [name]: 'x' })],
      }),
    ).toBeUndefined();
  });

  test('what is beside them is found, and the whole place is named', () => {
    const beside = container({ A: 'x' }, { Sidecar: [{ NewImage: 1, Image: 'j' }] });
    expect(whyUnseen('AWS::SageMaker::Model', { PrimaryContainer: beside })).toBe(
      'it has Properties/PrimaryContainer/Sidecar/0/Image, which the gate does not know',
    );
    expect(
      whyUnseen('AWS::CodeBuild::Project', {
        Environment: { Image: 'i', Build: { Environment: { Image: 'j' } } },
      }),
    ).toBe('it has Properties/Environment/Build/Environment/Image, which the gate does not know');
  });
});

test('a type whose places are not known has none that are unseen', () => {
  expect(whyUnseen('AWS::S3::Bucket', {})).toBeUndefined();
});
