import { Lazy } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { warnAtSynthesis } from '../properties/warn-at-synthesis';

/**
 * The same value, as a token. Warns at synthesis if no template names it and nothing waits for the image:
 * then nothing that runs is what was judged.
 *
 * @internal
 */
export function warnIfUnused(image: IConstruct, value: string): string {
  let isNamed = false;
  warnAtSynthesis(image, 'cdk-trusted-images:trustedImageWithoutUse', () =>
    isNamed || isWaitedFor(image)
      ? undefined
      : `nothing uses ${image.node.path}, so what runs may be another image than the one that is judged; use its toEcsImage(), toLambdaCode(), imageUri or digest, or let a construct wait for it by node.addDependency()`,
  );
  // CDK resolves every template before it validates the tree
  return Lazy.string({
    produce: () => {
      isNamed = true;
      return value;
    },
  });
}

function isWaitedFor(image: IConstruct): boolean {
  return image.node.root.node.findAll().some(({ node }) => node.dependencies.includes(image));
}
