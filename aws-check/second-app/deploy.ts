import { secondNames, type SecondApp } from './names';
import { cdk } from '../../local/cloud/cdk';
import { loginTo } from '../../local/cloud/registry-login';
import { ensureRepository } from '../../local/cloud/repositories';
import { follow, followTrust } from '../../local/demo/follow';
import { pushImage } from '../../local/images/push';
import { zooImage, type ZooName } from '../../local/images/zoo/zoo';
import { messageOf, type Check } from '../check';
import { tiedTo } from '../children';
import { noteMade } from '../remove';
import { stackNamed } from '../stacks';

const APP = __dirname;
export const FIRST_KEY = 1;
export const NEXT_KEY = 2;

/** By tag: one that is signed, one that is refused, and one that the next key signs. */
const IMAGES = { good: 'clean', bad: 'fixable-critical', later: 'root' } as const satisfies Record<
  string,
  ZooName
>;
export type SecondTag = keyof typeof IMAGES;

/**
 * The platform, two images, then the team that imports its trust. A failure is a result: the check goes on,
 * and removes what was made.
 */
export async function trySecondApp(check: Check): Promise<void> {
  const { file, say, cloud } = check;
  const { secondApp } = file.state;
  if (secondApp === undefined) return;
  if (cloud.endpoint !== undefined) {
    say("left out on the embedded cloud: Trivy's image in the cache, because builds there have no image");
  }
  try {
    const names = secondNames(cloud.mark.id);
    await deploySecondApp(check, names.platform);
    await noteMade(check, [names.platform]);
    const { KeyMetadata } = await check.aws.kms.describeKey({ KeyId: `alias/${names.key(FIRST_KEY)}` });
    file.update({ secondApp: { formerKey: KeyMetadata!.Arn! } });
    await pushSecond(check, 'good');
    await pushSecond(check, 'bad');
    await deploySecondApp(check, names.team);
  } catch (error) {
    say(`the second app was not deployed: ${messageOf(error)}`);
    file.update({ secondApp: { ...file.state.secondApp, failed: messageOf(error) } });
  }
}

/** One of its stacks and no other. */
export async function deploySecondApp(
  { cloud }: Check,
  stack: string,
  changes: Pick<Partial<SecondApp>, 'year' | 'formerKey' | 'image'> & { readonly tag?: SecondTag } = {},
): Promise<void> {
  const given: SecondApp = {
    id: cloud.mark.id,
    year: FIRST_KEY,
    tag: 'good',
    cachesScanner: cloud.endpoint === undefined,
    ...changes,
  };
  await cdk(cloud, ['deploy', stack, '--exclusively', '--require-approval=never', '--progress=events'], {
    cwd: APP,
    environment: { ...tiedTo(process.pid), SECOND_APP: JSON.stringify(given) },
  });
}

/** Pushes an image, and follows it to its signature, or to its verdict if it is to be refused. */
export async function pushSecond(check: Check, tag: SecondTag): Promise<string> {
  const { cloud, file, say } = check;
  const { repository } = secondNames(cloud.mark.id);
  await ensureRepository(cloud, repository);
  const digest = await pushImage(await loginTo(cloud), repository, tag, await zooImage(IMAGES[tag]));
  const register = await secondRegister(check);
  const { outcome } = await follow(cloud, register, repository, digest);
  say(`pushed ${repository}:${tag}: ${outcome}`);
  if (outcome === 'PASS') await followTrust(cloud, register, repository, digest);
  file.update({ pushed: { ...file.state.pushed, [pushedAs(tag)]: { digest } } });
  return digest;
}

export const pushedAs = (tag: SecondTag): string => `second app, ${tag}`;

export async function secondRegister(check: Check): Promise<string> {
  const { platform } = secondNames(check.cloud.mark.id);
  const stack = await stackNamed(check.aws, platform);
  const register = stack?.Outputs?.find(({ OutputKey }) => OutputKey === 'Register')?.OutputValue;
  if (register === undefined) throw new Error(`the stack ${platform} has no output Register`);
  return register;
}
