import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { GATED_TYPES } from '../../../src/core/gates/cloudformation-hook';
import { CONTAINER_IMAGES } from '../../../src/core/template/container-images';
import { isNamedForImages, whyUnseen, WITHOUT_IMAGES } from '../../../src/core/template/unseen-images';

const library = dirname(require.resolve('aws-cdk-lib/package.json'));

interface Property {
  /** As a path of `CONTAINER_IMAGES`. */
  readonly path: string;
  readonly name: string;
}

/** Every property of a type, as the CDK generates it from the schema of CloudFormation. */
function propertiesOf(type: string): Property[] {
  const [, service, resource] = type.split('::');
  const folder = `aws-${service!.toLowerCase()}`;
  const code = readFileSync(join(library, folder, 'lib', `${folder.slice(4)}.generated.js`), 'utf8');
  const found: Property[] = [];
  const visit = (converter: string, path: readonly string[], within: readonly string[]): void => {
    if (within.includes(converter)) return;
    const [, body] = new RegExp(
      `function ${converter}\\(properties\\)\\{.*?assertSuccess\\(\\),\\{(.*?)\\}\\):properties\\}`,
    ).exec(code)!;
    for (const [, name, conversion] of body!.matchAll(/(?:^|,)([A-Z]\w*):(.*?)(?=,[A-Z]\w*:|$)/g)) {
      const isList = conversion!.includes('listMapper');
      const here = [...path, name!, ...(isList ? ['*'] : [])];
      found.push({ path: here.join('.'), name: name! });
      const [inner] = /convertCfn\w+ToCloudFormation/.exec(conversion!) ?? [];
      if (inner !== undefined) visit(inner, here, [...within, converter]);
    }
  };
  visit(`convertCfn${resource}PropsToCloudFormation`, [], []);
  return found;
}

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
        .filter(({ path, name }) => isNamedForImages(name) && !isOnTheWay(path))
        .map(({ path }) => path),
    ).toEqual([]);
  });
});

test('what is skipped exists', () => {
  const names = new Set(GATED_TYPES.flatMap(propertiesOf).map(({ name }) => name));
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
