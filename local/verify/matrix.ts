import { CASE_NAMES, prepareCases } from './cases';
import { writeTable } from './page';
import { ensureCosigns } from './programs';
import { runMatrix } from './run-matrix';
import { renderMatrix } from './table';
import { verifiersOf } from './verifiers';
import { startCloud } from '../cloud/cloud';
import { main } from '../commands/main';
import { Progress } from '../progress';
import { prepareQuickstart } from '../quickstart';
import { ensureTrivy } from '../tools/trivy';

/**
 * `npm run docs:verify`: asks every verifier about every case, and writes the answers into docs/verify.md.
 */
async function writeMatrix(): Promise<void> {
  const progress = new Progress();
  const programs = await progress.step('cosign', () => ensureCosigns(progress.say));
  const cloud = await startCloud({ trivy: await ensureTrivy(progress.say), say: progress.say });
  try {
    const outputs = await prepareQuickstart(cloud, progress);
    const cases = await progress.step('cases', () => prepareCases(cloud, outputs, CASE_NAMES));
    const verifiers = verifiersOf(cloud, outputs.RegisterTableName, programs);
    const matrix = await progress.step('matrix', () =>
      runMatrix(
        CASE_NAMES.map(name => cases[name]),
        verifiers,
        progress.say,
      ),
    );
    writeTable(renderMatrix(matrix));
  } finally {
    await cloud.stop();
  }
}

main(writeMatrix);
