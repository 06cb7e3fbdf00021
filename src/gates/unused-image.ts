import { Lazy } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { warnAtSynthesis } from '../properties/warn-at-synthesis';

/**
 * The same value, as a token. Warns at synthesis if no template names it: then what runs may be another image
 * than the one that was judged. To wait for the image is a use of it only where the app names its digest:
 * whoever waits for a tag may run what it names later.
 *
 * @param isKnown whether the app names the digest
 * @internal
 */
export function warnIfUnused(image: IConstruct, value: string, isKnown: boolean): string {
  let isNamed = false;
  warnAtSynthesis(image, 'cdk-trusted-images:trustedImageWithoutUse', () =>
    isNamed || (isKnown && isWaitedFor(image))
      ? undefined
      : `nothing uses ${image.node.path}, so what runs may be another image than the one that is judged; use its toEcsImage(), toLambdaCode(), imageUri or digest; to wait for it by node.addDependency() does not change what runs`,
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
