import type { Stage } from './stage';
import { imageName, sibling, type Image } from '../../src/core/image/image';
import { embedded } from '../cloud/description';
import { loginTo } from '../cloud/registry-login';
import { followTrust } from '../demo/follow';
import { buildImage } from '../images/image';
import { pushImage } from '../images/push';
import { APPLICATION, HARDENED, historyOf, PATCHED, supportedOs } from '../images/zoo/ingredients';
import { serveDatabases, type Facts } from '../quickstart';
import { requestScan } from '../request-scan';

const PACKAGE = { name: 'unlucky', version: '1.0-1' };

/** The vulnerability that becomes known after the image was signed. */
const NEWS: Facts = {
  sources: [
    {
      bucket: 'debian 13',
      dataSource: {
        ID: 'debian',
        Name: 'Debian Security Tracker',
        URL: 'https://salsa.debian.org/security-tracker-team/security-tracker',
      },
      advisories: [{ id: 'TEST-UNLUCKY', package: PACKAGE.name, fixedVersion: '1.0-2' }],
    },
  ],
  vulnerabilities: {
    'TEST-UNLUCKY': { severity: 'CRITICAL', title: 'synthetic advisory that came out after the image' },
  },
};

/**
 * A real revocation: the image passes and is signed, the vulnerability database is updated, a scan is
 * requested, and the image is refused.
 */
export async function revoked({ cloud, enrolled, table, register, passed }: Stage): Promise<Image> {
  const content = await buildImage({
    layers: [supportedOs([...PATCHED, PACKAGE]), APPLICATION],
    config: HARDENED,
    history: historyOf(2, HARDENED),
  });
  const image = sibling(passed.image, await pushImage(await loginTo(cloud), enrolled, 'revoked', content));
  await followTrust(cloud, table, enrolled, image.digest);
  await serveDatabases(embedded(cloud), NEWS);
  await requestScan(cloud, imageName(image));
  await register.until(image, 'it is revoked', ({ revokedBy }) => revokedBy !== undefined);
  return image;
}
