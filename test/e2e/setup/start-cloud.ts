import { mkdirSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Cloud, startCloud } from '../../../local/cloud/cloud';
import { describeCloud } from '../../../local/cloud/description';
import { ensureTrivy } from '../../../local/tools/trivy';
import freshCommandLine from '../../support/fresh-command-line';
import { CLOUD_OF_TESTS } from '../cloud';

declare global {
  // the one thing that Jest lets a set-up leave for its teardown
  var embeddedCloud: Cloud | undefined;
}

const REPORTS = resolve(__dirname, '../../../test-reports');

/**
 * One cloud for the whole run: the one that is given, or an embedded one. The tests are other processes, and
 * learn of it by its description.
 */
export default async function startCloudForTests(): Promise<void> {
  freshCommandLine();
  if (process.env[CLOUD_OF_TESTS] !== undefined) return;
  const say = (line: string) => process.stderr.write(`${line}\n`);
  mkdirSync(REPORTS, { recursive: true });
  const logFile = resolve(REPORTS, 'cloud.log');
  writeFileSync(logFile, '');
  const trivy = process.env.LOCAL_TRIVY ?? (await ensureTrivy(say));
  globalThis.embeddedCloud = await startCloud({ trivy, logFile, say });
  // workers inherit it, and no file holds the keys
  process.env[CLOUD_OF_TESTS] = JSON.stringify(describeCloud(globalThis.embeddedCloud));
}
