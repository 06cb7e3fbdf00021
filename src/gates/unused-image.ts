import { Lazy } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { warnAtSynthesis } from '../properties/warn-at-synthesis';

/**
 * The same value, as a token. Warns at synthesis if no template names it: then what runs may be another image
 * than the one that was judged. To wait for the image is no use of it: whoever waits may run a tag.
 *
 * @internal
 */
export function warnIfUnused(image: IConstruct, value: string): string {
  let isNamed = false;
  warnAtSynthesis(image, 'cdk-trusted-images:trustedImageWithoutUse', () =>
    isNamed
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
