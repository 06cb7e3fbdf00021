import { join } from 'node:path';
import { writeLayout } from '../../local/images/layout';
import { ZOO, ZOO_NAMES, type ZooName } from '../../local/images/zoo/zoo';

/** In the zoo because something is wrong with them as images: none of them is read. */
const MALFORMED: ReadonlySet<ZooName> = new Set<ZooName>([
  'duplicate-diff-ids',
  'layer-with-urls',
  'broken-corrupt-layer',
  'missing-blob',
  'helm-chart',
  'decoy',
]);

/** The others as OCI layouts, each in a folder of its own. */
export async function writeHonestImages(folder: string): Promise<void> {
  for (const name of ZOO_NAMES.filter(image => !MALFORMED.has(image))) {
    await writeLayout(join(folder, name), await ZOO[name]());
  }
}
