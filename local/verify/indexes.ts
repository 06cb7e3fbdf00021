import type { Stage } from './stage';
import type { Image } from '../../src/core/image/image';
import { loginTo } from '../cloud/registry-login';
import { ensureRepository } from '../cloud/repositories';
import { followTrust } from '../demo/follow';
import type { Content } from '../images/content';
import { pushImage } from '../images/push';
import { zooImage } from '../images/zoo/zoo';

/**
 * In a repository of its own, so that the image of its platform is not known by a tag. Twice is as good as
 * once.
 */
export async function pushIndex(
  { cloud, enrolled, table, passed }: Stage,
  name: string,
): Promise<{ index: Image; child: Image }> {
  const repository = `${enrolled}/${name}`;
  await ensureRepository(cloud, repository);
  const content = await zooImage('attested');
  await pushImage(await loginTo(cloud), repository, 'index', content);
  const imageOf = ({ descriptor: { digest } }: Content): Image => ({ ...passed.image, repository, digest });
  const pushed = { index: imageOf(content), child: imageOf(content.children[0]!) };
  for (const { digest } of Object.values(pushed)) await followTrust(cloud, table, repository, digest);
  return pushed;
}
