import { answer, table } from './answer';
import type { AskOptions } from './options';
import { asking } from '../../adapters/aws/aws-error';
import { plainText } from '../../src/core/text/plain-text';
import { Connection } from '../../use-cases/deployed-trust/connect';
import { redrive as bringBack, type Redrive } from '../../use-cases/deployed-trust/redrive';
import type { Cli } from '../shell/cli';
import { ExitCode } from '../shell/exit-code';

export interface RedriveOptions extends AskOptions {
  readonly dryRun?: boolean;
}

export async function redrive({ dryRun, ...options }: RedriveOptions, cli: Cli): Promise<void> {
  await asking(async () => {
    const { queues, deadLetterQueues } = await Connection.open(options, cli);
    const isDry = dryRun === true;
    const done = await bringBack(queues, deadLetterQueues, { isDry });
    answer(cli, options.json, done, () => redriveLines(done, isDry));
    if (done.letters.length === 0 && done.unread.length === 0) cli.out.note('there are no dead letters');
    cli.endWith(exitCodeOfRedrive(done));
  });
}

/** What stays outweighs what could not be read, as everywhere. */
export function exitCodeOfRedrive({ letters, unread }: Redrive): ExitCode {
  if (letters.some(({ state }) => state === 'stays')) return ExitCode.refused;
  return unread.length > 0 ? ExitCode.indeterminate : ExitCode.trusted;
}

/** Letters of one queue, with one reason, are one line. What stays is named one by one. */
export function redriveLines({ letters, unread }: Redrive, isDry: boolean): string[] {
  const groups = new Map<string, { queue: string; why: string; count: number }>();
  for (const { state, queue = '-', why } of letters) {
    if (state === 'stays') continue;
    const group = groups.get(`${queue} ${why}`) ?? { queue, why, count: 0 };
    groups.set(`${queue} ${why}`, { ...group, count: group.count + 1 });
  }
  return [
    ...(groups.size === 0
      ? []
      : table(
          [isDry ? 'WOULD GO BACK' : 'WENT BACK', 'QUEUE', 'WHY'],
          [...groups.values()].map(({ queue, why, count }) => [String(count), queue, why]),
          WHY_CHARACTERS,
        )),
    ...letters
      .filter(({ state }) => state === 'stays')
      .map(
        ({ messageId, stays = '', why }) =>
          `stays: ${plainText(messageId, 100)}, because ${plainText(stays, 600)} (${plainText(why, WHY_CHARACTERS)})`,
      ),
    ...unread.map(
      ({ queue, error }) => `not read: ${plainText(queue, 300)} (${plainText(error, WHY_CHARACTERS)})`,
    ),
  ];
}

const WHY_CHARACTERS = 500;
