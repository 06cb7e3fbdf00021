import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { startCloud } from './cloud/cloud';
import { runDemo } from './demo/run-demo';
import { outcomeTable } from './demo/table';
import { Progress } from './progress';
import { prepareQuickstart } from './quickstart';
import { cacheFolder } from './tools/cache-folder';
import { ensureTrivy } from './tools/trivy';

/** `npm run demo [-- --keep]`: everything from nothing to verdicts; exits 0 only if every outcome was the expected one. */
async function main(args: readonly string[]): Promise<void> {
  const unknown = args.filter(arg => arg !== '--keep');
  if (unknown.length > 0) throw new Error(`unknown argument ${unknown.join(' ')}, allowed: --keep`);
  const progress = new Progress();
  const logFile = join(cacheFolder(), 'demo.log');
  rmSync(logFile, { force: true });
  const trivy = await progress.step('trivy', () => ensureTrivy(progress.say));
  const cloud = await progress.step('embedded cloud', () => startCloud({ trivy, say: progress.say, logFile }));
  try {
    const outputs = await prepareQuickstart(cloud, progress);
    const lines = await progress.step('images', () => runDemo(cloud, outputs, progress));
    process.stdout.write(`\n${outcomeTable(lines, process.stdout.isTTY && process.env.NO_COLOR === undefined)}\n\n`);
    const wrong = lines.filter(({ outcome, expected }) => outcome !== expected).length;
    process.stdout.write(`${lines.length - wrong} of ${lines.length} images came out as expected (emulated: nothing of this ran on AWS)\n`);
    if (wrong > 0) {
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
  process.stdout.write(Object.entries(environment).map(([name, value]) => `export ${name}='${value}'\n`).join(''));
  await new Promise(resolve => process.once('SIGINT', resolve));
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
