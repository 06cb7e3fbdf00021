import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CALLS } from '../../src/core/cost/workload';
import { admin } from '../cloud/admin-client';
import { startCloud } from '../cloud/cloud';
import type { EmbeddedCloud } from '../cloud/description';
import { followTrust } from '../demo/follow';
import { pushImage } from '../images/push';
import { zooImage } from '../images/zoo/zoo';
import { Progress } from '../progress';
import { prepareQuickstart } from '../quickstart';
import { requestScan } from '../request-scan';
import { cacheFolder } from '../tools/cache-folder';
import { ensureTrivy } from '../tools/trivy';

type Counts = Readonly<Record<string, number>>;

const REPOSITORY = 'team/app';
const MEASURED = 'unfixed-only';
/** Seconds without a call: then all functions are done. A follow-up message comes much later. */
const QUIET = 10;

/** A lost race or a message that came twice may add some. */
const TOLERATED = 2;

/**
 * `npm run cost:measure`: pushes an image that passes to a cloud of its own, renews it, and prints which
 * operations were called for each. Fails if that is not what docs/cost.md counts with.
 */
async function main(): Promise<void> {
  const progress = new Progress();
  const trivy = await ensureTrivy(progress.say);
  const logFile = join(cacheFolder(), 'cost.log');
  const cloud = await startCloud({ trivy, say: () => undefined, logFile });
  try {
    const { RegisterTableName } = await prepareQuickstart(cloud, progress);
    await quiet(cloud);
    // the first one also fills what functions remember between two images
    for (const image of ['clean', MEASURED] as const) {
      const before = await quiet(cloud);
      const digest = await pushImage({ base: cloud.endpoint }, REPOSITORY, image, await zooImage(image));
      const { pk } = await followTrust(cloud, RegisterTableName, REPOSITORY, digest);
      const scanned = await quiet(cloud);
      const first = difference(before, scanned);
      print(`first scan of ${image}`, first);
      await requestScan(cloud, pk);
      await sleep(3000);
      await followTrust(cloud, RegisterTableName, REPOSITORY, digest);
      const renewed = difference(scanned, await quiet(cloud));
      print(`renewal of ${image}`, renewed);
      if (image === MEASURED) {
        compare('firstScan', first);
        compare('renewal', renewed);
      }
    }
  } finally {
    await cloud.stop();
  }
}

async function quiet(cloud: EmbeddedCloud): Promise<Counts> {
  for (let before = ''; ; await sleep(QUIET * 1000)) {
    const counts = (await admin(cloud, 'calls')) as Counts;
    if (JSON.stringify(counts) === before) return counts;
    before = JSON.stringify(counts);
  }
}

function difference(before: Counts, after: Counts): Counts {
  return Object.fromEntries(
    Object.entries(after)
      .map(([name, count]) => [name, count - (before[name] ?? 0)] as const)
      .filter(([, count]) => count > 0)
      .sort(([a], [b]) => a.localeCompare(b)),
  );
}

function print(title: string, counts: Counts): void {
  const lines = Object.entries(counts).map(([name, count]) => `  ${name}: ${count}\n`);
  process.stdout.write(`${title}\n${lines.join('')}`);
}

function compare(kind: keyof typeof CALLS, counts: Counts): void {
  for (const [operation, expected] of Object.entries(CALLS[kind])) {
    const [, found = 0] = Object.entries(counts).find(([name]) => name.endsWith(` ${operation}`)) ?? [];
    if (Math.abs(found - expected) > TOLERATED) {
      process.stderr.write(`${kind}: ${found} ${operation}, src/core/cost/workload.ts says ${expected}\n`);
      process.exitCode = 1;
    }
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = 1;
});
