import { answer, table } from './answer';
import type { AskOptions } from './options';
import { asking } from '../../adapters/aws/aws-error';
import type { Line } from '../../src/core/doctor/line';
import { plainText } from '../../src/core/text/plain-text';
import { Seconds } from '../../src/core/times';
import { Connection } from '../../use-cases/deployed-trust/connect';
import { examine } from '../../use-cases/doctor/examine';
import { readersOf } from '../../use-cases/doctor/readers';
import type { Cli } from '../shell/cli';
import { ExitCode } from '../shell/exit-code';

const STATES: Readonly<Record<Line['state'], string>> = { ok: 'ok', found: 'FOUND', unknown: 'UNKNOWN' };

/** What was found outweighs what could not be looked at, as everywhere. */
export function exitCodeOfLines(lines: readonly Line[]): ExitCode {
  if (lines.some(({ state }) => state === 'found')) return ExitCode.refused;
  return lines.some(({ state }) => state === 'unknown') ? ExitCode.indeterminate : ExitCode.trusted;
}

/** A line for each check, and below it what to do. */
export function doctorLines(lines: readonly Line[]): string[] {
  const [titles, ...rows] = table(
    ['STATE', 'CHECK', 'LIMIT', 'VALUE'],
    lines.map(({ state, what, limit, value }) => [STATES[state], what, limit, value]),
    VALUE_CHARACTERS,
  );
  return [
    titles!,
    ...rows.flatMap((row, at) => {
      const { remedy } = lines[at]!;
      return remedy === undefined ? [row] : [row, `         To fix: ${plainText(remedy, VALUE_CHARACTERS)}`];
    }),
  ];
}

const VALUE_CHARACTERS = 600;

export async function doctor(options: AskOptions, cli: Cli): Promise<void> {
  await asking(async () => {
    const { trust } = await Connection.open(options, cli);
    const signal = AbortSignal.timeout(Seconds.doctorCheck * 1000);
    const lines = await examine(trust, readersOf(trust, cli), cli.now(), signal);
    answer(cli, options.json, lines, () => doctorLines(lines));
    cli.endWith(exitCodeOfLines(lines));
  });
}
