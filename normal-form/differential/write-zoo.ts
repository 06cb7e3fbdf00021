import { writeLayout } from '../../local/images/layout';
import { zooImage, ZOO_NAMES } from '../../local/images/zoo/zoo';

// Usage: npx tsx normal-form/differential/write-zoo.ts FOLDER
// Writes the honest images of the zoo as OCI layouts, for the test that reads HONEST_IMAGES.

/** In the zoo because something is wrong with them as images, so the normal form refuses them. */
const MALFORMED = ['duplicate-diff-ids', 'layer-with-urls', 'broken-corrupt-layer', 'missing-blob', 'helm-chart', 'decoy'];

async function main(folder: string): Promise<void> {
  for (const name of ZOO_NAMES.filter(image => !MALFORMED.includes(image))) {
    await writeLayout(`${folder}/${name}`, await zooImage(name));
  }
}

void main(process.argv[2] ?? '.');
