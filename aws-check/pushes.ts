import { messageOf, ownName, type Check } from './check';
import { loginTo } from '../local/cloud/registry-login';
import { ensureRepository } from '../local/cloud/repositories';
import { follow, followTrust } from '../local/demo/follow';
import { pushImage } from '../local/images/push';
import { zooImage, type ZooName } from '../local/images/zoo/zoo';
import { quickstartOutputs } from '../local/quickstart';

export const PUSHED_TO = 'team';

/** Enrolled by its prefix. */
export function repositoryOf(check: Pick<Check, 'cloud'>): string {
  return `${PUSHED_TO}/${ownName(check)}`;
}

/** By a tag, by a digest, as an index: each causes events of its own. */
const KINDS: Record<string, { image: ZooName; tag?: string; until?: 'verdict' | 'signature' }> = {
  'by tag': { image: 'clean', tag: 'clean', until: 'signature' },
  'by digest': { image: 'root' }, // its scan waits, because it may belong to an index that is still on its way
  index: { image: 'clean-and-vulnerable', tag: 'index', until: 'verdict' },
};

/** Pushes one image of each kind, and follows it to its verdict or to its signature. */
export async function pushEveryKind(check: Check): Promise<void> {
  const { cloud, file, say } = check;
  const repository = repositoryOf(check);
  await ensureRepository(cloud, repository);
  const { RegisterTableName: table } = await quickstartOutputs(cloud);
  for (const [kind, { image, tag, until }] of Object.entries(KINDS)) {
    const began = Date.now();
    const digest = await pushImage(await loginTo(cloud), repository, tag, await zooImage(image));
    let seconds: number | undefined;
    if (until !== undefined) {
      const { outcome } = await follow(cloud, table, repository, digest);
      seconds = (Date.now() - began) / 1000;
      say(`pushed ${kind}: ${outcome} after ${seconds.toFixed(0)} s`);
      if (until === 'signature' && outcome === 'PASS') {
        await followTrust(cloud, table, repository, digest).catch((error: unknown) => say(messageOf(error)));
      }
    }
    file.update({ pushed: { ...file.state.pushed, [kind]: { digest, seconds } } });
  }
}
