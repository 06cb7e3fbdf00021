import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { wrongIn } from './bounds';
import { IMAGES, type HonestImage } from './images';
import { OverlayBuilder } from './overlay';
import { scanBoth } from './scan';
import { HEAD, lineOf, unreadKinds } from './table';
import { writeLayoutOf } from './write-layout';

/**
 * Makes images from real packages by their own tools: all of them, or those that are named. Prints how the
 * files that declare packages were answered, beside what Trivy alone finds. Fails if an honest file is not
 * covered, a finding is lost, or a scan costs more than it may.
 */
async function main(names: readonly string[]): Promise<void> {
  const unknown = names.filter(name => !IMAGES.some(each => each.name === name));
  if (unknown.length > 0) {
    throw new Error(`no image ${unknown.join(', ')}, allowed: ${IMAGES.map(each => each.name).join(', ')}`);
  }
  const folder = mkdtempSync(join(process.env.HONEST_FOLDER ?? tmpdir(), 'honest-'));
  const wrong: string[] = [];
  try {
    mkdirSync(join(folder, 'steps'));
    const builder = new OverlayBuilder(join(folder, 'steps'));
    say(HEAD);
    for (const image of IMAGES.filter(({ name }) => names.length === 0 || names.includes(name))) {
      wrong.push(...(await hold(image, builder, folder)));
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  if (wrong.length > 0) throw new Error(wrong.join('\n'));
}

async function hold(image: HonestImage, builder: OverlayBuilder, folder: string): Promise<string[]> {
  const { name, steps, distributions = () => [] } = image;
  const layout = join(folder, name);
  const layers = await builder.layers(steps);
  const digest = await writeLayoutOf(layout, layers);
  const scanned = await builder.withTree(steps, root =>
    scanBoth({ layout, digest, distributions: distributions() }, root, join(folder, 'scan')),
  );
  say(lineOf(name, layers.length, scanned));
  unreadKinds(scanned).forEach(line => say(`  ${line}`));
  rmSync(layout, { recursive: true });
  const wrong = wrongIn(scanned, image);
  wrong.slice(0, 40).forEach(each => say(`  ${each}`));
  return wrong.map(each => `${name}: ${each}`);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
