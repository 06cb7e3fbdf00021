import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Cloud, startCloud } from '../../../local/cloud/cloud';
import { describeCloud } from '../../../local/cloud/description';
import { ensureTrivy } from '../../../local/tools/trivy';
import freshCommandLine from '../../support/fresh-command-line';

declare global {
  // the one thing that Jest lets a set-up leave for its teardown
  var embeddedClouds: Cloud[] | undefined;
}

const REPORTS = resolve(__dirname, '../../../test-reports');

/**
 * A cloud for each worker, so that files which run at the same time share nothing: faults, databases and
 * policies are of a cloud as a whole. The tests are other processes, and learn of theirs by its description.
 */
export default async function startCloudsForTests({ maxWorkers }: { maxWorkers: number }): Promise<void> {
  freshCommandLine();
  const say = (line: string) => process.stderr.write(`${line}\n`);
  const trivy = process.env.LOCAL_TRIVY ?? (await ensureTrivy(say));
  globalThis.embeddedClouds = [];
  for (let worker = 1; worker <= maxWorkers; worker++) {
    const folder = join(REPORTS, `cloud-${worker}`);
    mkdirSync(folder, { recursive: true });
    const logFile = join(folder, 'cloud.log');
    writeFileSync(logFile, '');
    globalThis.embeddedClouds.push(await startCloud({ trivy, logFile, say }));
  }
  // workers inherit it, and no file holds the keys
  process.env.EMBEDDED_CLOUDS = JSON.stringify(globalThis.embeddedClouds.map(describeCloud));
}
