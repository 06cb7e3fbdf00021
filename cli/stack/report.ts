import type { AskOptions } from './options';
import { asking } from '../../adapters/aws/aws-error';
import { repositoryOf } from '../../src/core/image/image';
import { existing } from '../../src/core/register/existing';
import type { RegisterRow } from '../../src/core/register/row';
import { fleetPage } from '../../src/core/report-page/fleet-page';
import { plainText } from '../../src/core/text/plain-text';
import { usageError } from '../../src/core/user-error';
import { Connection } from '../../use-cases/deployed-trust/connect';
import { listBases } from '../../use-cases/deployed-trust/list-bases';
import { listImages, type ImageStatus } from '../../use-cases/deployed-trust/list-images';
import type { Cli } from '../shell/cli';
import { writeText } from '../shell/write-text';

export interface ReportOptions extends Omit<AskOptions, 'json'> {
  readonly html: string;
}

/** One page about all images of a trust. */
export async function report({ html, ...options }: ReportOptions, cli: Cli): Promise<void> {
  if (html === '-') throw usageError('--html is "-", allowed: a file, to open in a browser');
  const [images, bases] = await asking(async () => {
    const { register, evidence, bases: known } = await Connection.open(options, cli);
    const note = (line: string) => cli.out.note(line);
    const rows: RegisterRow[] = [];
    for await (const row of register.all()) rows.push(row);
    const there = existing(rows);
    const now = cli.now();
    return Promise.all([
      listImages(there, { evidence, note }, now),
      listBases(there, { bases: known, evidence, note }, now),
    ]);
  });
  await writeText(html, pageOf(images, cli.now(), bases), cli);
  cli.out.print(`${images.length} images: ${plainText(html, 300)}`);
}

export function pageOf(
  images: readonly ImageStatus[],
  at: Date,
  bases: Awaited<ReturnType<typeof listBases>> = new Map(),
): string {
  return fleetPage({
    title: 'Images on record',
    at,
    images: images.map(({ image, deadlines, overdue, ...status }) => {
      const base = bases.get(image);
      return {
        ...status,
        repository: repositoryOf(image),
        ...(deadlines !== undefined && overdue !== undefined && { dues: [...overdue, ...deadlines] }),
        ...(base !== undefined && { base }),
      };
    }),
  });
}
