import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { startCloud } from './cloud/cloud';
import { runDeployments } from './demo/deployments';
import { runDemo } from './demo/run-demo';
import { deploymentTable, outcomeTable, verificationTable } from './demo/table';
import { demoCosigns, runVerifications } from './demo/verifications';
import { Progress } from './progress';
import { prepareQuickstart } from './quickstart';
import { cacheFolder } from './tools/cache-folder';
import { ensureTrivy } from './tools/trivy';
import { COSIGN_VERSIONS } from './tools/versions';

const NO_COSIGN = `Left out: cosign verifies signatures. This machine does not have both versions (${COSIGN_VERSIONS.join(', ')}), and they could not be downloaded. \`npm run demo -- --cosign\` builds them once, which takes about 5 minutes.`;
const ARGUMENTS = ['--keep', '--cosign'];

/**
 * `npm run demo [-- --keep --cosign]`: everything from nothing to verdicts, deployments and signatures; exits
 * 0 only if every outcome was the expected one.
 */
async function main(args: readonly string[]): Promise<void> {
  const unknown = args.filter(arg => !ARGUMENTS.includes(arg));
  if (unknown.length > 0) {
    throw new Error(`unknown argument ${unknown.join(' ')}, allowed: ${ARGUMENTS.join(', ')}`);
  }
  const progress = new Progress();
  const logFile = join(cacheFolder(), 'demo.log');
  rmSync(logFile, { force: true });
  const trivy = await progress.step('trivy', () => ensureTrivy(progress.say));
  const cloud = await progress.step('embedded cloud', () =>
    startCloud({ trivy, say: progress.say, logFile }),
  );
  const colour = process.stdout.isTTY && process.env.NO_COLOR === undefined;
  const print = (text: string) => process.stdout.write(`\n${text}\n\n`);
  try {
    const outputs = await prepareQuickstart(cloud, progress);
    const lines = await progress.step('images', () => runDemo(cloud, outputs, progress));
    print(outcomeTable(lines, colour));
    const deployments = await progress.step('deployments', () => runDeployments(cloud, progress));
    print(deploymentTable(deployments, colour));
    const cosigns = await progress.step('cosign', () => demoCosigns(args.includes('--cosign'), progress));
    const verifications =
      cosigns === undefined
        ? []
        : await progress.step('signatures', () => runVerifications(cosigns, cloud, outputs));
    print(cosigns === undefined ? NO_COSIGN : verificationTable(verifications, colour));

    const outcomes = [...lines, ...deployments].map(({ outcome, expected }) => outcome === expected);
    const all = [...outcomes, ...verifications.map(({ accepted, expected }) => accepted === expected)];
    const right = all.filter(each => each).length;
    process.stdout.write(
      `${right} of ${all.length} came out as expected: ${lines.length} images, ${deployments.length} deployments, ${verifications.length} verifications (emulated: nothing of this ran on AWS)\n`,
    );
    if (right < all.length) {
      process.stdout.write(`what every part of the cloud said: ${logFile}\n`);
      process.exitCode = 1;
    }
    if (args.includes('--keep')) await keep(cloud.env(), progress);
  } finally {
    await cloud.stop();
  }
}

async function keep(environment: Record<string, string>, progress: Progress): Promise<void> {
  progress.say('the cloud stays up until you press Ctrl+C; in another shell:');
  process.stdout.write(
    Object.entries(environment)
      .map(([name, value]) => `export ${name}='${value}'\n`)
      .join(''),
  );
  await new Promise(resolve => process.once('SIGINT', resolve));
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
