import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cliFigures } from './cli';
import { evaluateFigures } from './evaluate';
import { isQuick, type Figure } from './figure';
import { gateFigures } from './gate';
import { pushFigures } from './push-to-verdict';
import { regoFigures } from './rego';
import { scanStepFigures } from './scan-step';
import { synthFigures } from './synth';
import { Progress } from '../local/progress';

/**
 * `npm run bench`: measures ratios in one run, both sides in turn, and takes medians. `--quick` measures once
 * what needs no cloud, on smaller inputs, and keeps nothing.
 */
async function main(): Promise<void> {
  const progress = new Progress();
  const figures: Figure[] = [
    ...(await progress.step('evaluation', () => evaluateFigures(progress.say))),
    ...(await progress.step('Rego', () => regoFigures(progress.say))),
    ...(await progress.step('synthesis', synthFigures)),
    ...(await progress.step('gate', gateFigures)),
    ...(await progress.step('command line', () => cliFigures(progress.say))),
    ...(await progress.step('scan step', () => scanStepFigures(progress.say))),
    // the end-to-end tests measure a push once, in the cloud that they have
    ...(isQuick ? [] : await progress.step('push to verdict and trust', () => pushFigures(progress))),
  ].map(figure => ({ ...figure, value: Math.round(figure.value * 100) / 100 }));
  if (!isQuick) writeFileSync(join(__dirname, 'results.json'), `${JSON.stringify(figures, undefined, 2)}\n`);
  const width = Math.max(...figures.map(({ name }) => name.length));
  process.stdout.write(
    figures
      .map(
        ({ name, value, unit, against }) =>
          `${name.padEnd(width)}  ${String(value).padStart(8)} ${unit.padEnd(9)}  ${against}`,
      )
      .join('\n') + '\n',
  );
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
