import { Register } from '../../local/verify/registry-and-register';
import { imageReference, type Image } from '../../src/core/image/image';
import type { RegisterRow } from '../../src/core/register/row';
import type { Check } from '../check';
import { pushedAs, secondRegister, type SecondTag } from '../second-app/deploy';
import { secondNames } from '../second-app/names';

/** An image of the second app. */
export function secondImage({ cloud, file }: Check, tag: SecondTag): Image {
  const { account, region, mark } = cloud;
  const pushed = file.state.pushed[pushedAs(tag)];
  if (pushed === undefined) throw new Error(`the push of "${tag}" did not end`);
  return { account, region, repository: secondNames(mark.id).repository, digest: pushed.digest };
}

/** As a task definition names it. */
export function secondReference(check: Check, tag: SecondTag): string {
  return imageReference(secondImage(check, tag), 'amazonaws.com');
}

/** What the register of the second app says of it. */
export async function secondRow(check: Check, tag: SecondTag): Promise<RegisterRow> {
  return new Register(check.cloud, await secondRegister(check)).row(secondImage(check, tag));
}
