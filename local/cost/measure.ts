import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CloudFormation } from '@aws-sdk/client-cloudformation';
import { SQS } from '@aws-sdk/client-sqs';
import { admin } from '../cloud/admin-client';
import { startCloud } from '../cloud/cloud';
import type { CloudDescription } from '../cloud/description';
import { followTrust } from '../demo/follow';
import { pushImage } from '../images/push';
import { zooImage } from '../images/zoo/zoo';
import { Progress } from '../progress';
import { prepareQuickstart, STACK } from '../quickstart';
import { cacheFolder } from '../tools/cache-folder';
import { ensureTrivy } from '../tools/trivy';

type Counts = Readonly<Record<string, number>>;

const REPOSITORY = 'team/app';
/** Seconds without a call: then all functions are done. A follow-up message comes much later. */
const QUIET = 10;

/**
 * `npx tsx local/cost/measure.ts`: pushes an image that passes to a cloud of its own, renews it, and prints
 * which operations were called for each.
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
    for (const image of ['clean', 'unfixed-only'] as const) {
      const before = await quiet(cloud);
      const digest = await pushImage(cloud.endpoint, REPOSITORY, image, await zooImage(image));
      const { pk } = await followTrust(cloud, RegisterTableName, REPOSITORY, digest);
      const scanned = await quiet(cloud);
      print(`first scan of ${image}`, before, scanned);
      await request(cloud, { version: 1, image: pk, reason: 'request', at: new Date().toISOString() });
      await sleep(3000);
      await followTrust(cloud, RegisterTableName, REPOSITORY, digest);
      print(`renewal of ${image}`, scanned, await quiet(cloud));
    }
  } finally {
    await cloud.stop();
  }
}

async function quiet(cloud: CloudDescription): Promise<Counts> {
  for (let before = ''; ; await sleep(QUIET * 1000)) {
    const counts = (await admin(cloud, 'calls')) as Counts;
    if (JSON.stringify(counts) === before) return counts;
    before = JSON.stringify(counts);
  }
}

async function request(cloud: CloudDescription, body: object): Promise<void> {
  const { endpoint, region, credentials } = cloud;
  const { StackResources = [] } = await new CloudFormation({
    endpoint,
    region,
    credentials,
  }).describeStackResources({ StackName: STACK });
  const queue = StackResources.find(
    ({ ResourceType, LogicalResourceId }) =>
      ResourceType === 'AWS::SQS::Queue' && LogicalResourceId?.slice(0, -8) === 'TrustScannerRequests',
  );
  await new SQS({ endpoint, region, credentials }).sendMessage({
    QueueUrl: queue!.PhysicalResourceId!,
    MessageBody: JSON.stringify(body),
  });
}

function print(title: string, before: Counts, after: Counts): void {
  const lines = Object.entries(after)
    .map(([name, count]) => [name, count - (before[name] ?? 0)] as const)
    .filter(([, count]) => count > 0)
    .sort(([a], [b]) => a.localeCompare(b));
  process.stdout.write(`${title}\n${lines.map(([name, count]) => `  ${name}: ${count}\n`).join('')}`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = 1;
});
