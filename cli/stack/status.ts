import { answer, minute, table } from './answer';
import type { AskOptions } from './options';
import { asking } from '../../adapters/aws/aws-error';
import { nameText, plainText } from '../../src/core/text/plain-text';
import { Connection } from '../../use-cases/deployed-trust/connect';
import { repositoryAsked } from '../../use-cases/deployed-trust/image-argument';
import { listImages, nothingOnRecord, type ImageStatus } from '../../use-cases/deployed-trust/list-images';
import type { Cli } from '../shell/cli';

export function statusLines(images: readonly ImageStatus[]): string[] {
  return table(
    ['DIGEST', 'TAGS', 'OUTCOME', 'VALID UNTIL', 'SIGNED', 'NEXT DEADLINE', 'LAST ATTEMPT'],
    images.map(image => [
      image.digest.slice(0, 19),
      image.tags.map(tag => plainText(tag, 40)).join(',') || '-',
      outcomeText(image),
      image.validUntil === undefined || image.outcome === 'FAIL' ? '-' : minute(image.validUntil),
      image.signed ? 'yes' : 'no',
      nextDeadline(image),
      image.lastFailedScan === undefined
        ? '-'
        : `${image.lastFailedScan.cause} ${minute(image.lastFailedScan.at)}`,
    ]),
  );
}

function outcomeText({ outcome, revoked, heldUntil }: ImageStatus): string {
  if (heldUntil !== undefined) return `${outcome} (held until ${minute(heldUntil)})`;
  return revoked ? `${outcome} (revoked)` : outcome;
}

function nextDeadline({ deadlines }: ImageStatus): string {
  if (deadlines === undefined) return '?';
  const [first, ...others] = deadlines;
  return first === undefined
    ? '-'
    : `${minute(first.due)} ${nameText(first.id ?? first.rule, 40)}${others.length > 0 ? ` and ${others.length} more` : ''}`;
}

export async function status(name: string, options: AskOptions, cli: Cli): Promise<void> {
  await asking(async () => {
    const connection = await Connection.open(options, cli);
    const repository = repositoryAsked(name, connection.trust);
    const images = await listImages(
      connection.register.rowsOf(repository),
      { evidence: connection.evidence, note: line => cli.out.note(line) },
      cli.now(),
    );
    if (images.length === 0) throw nothingOnRecord(repository);
    answer(cli, options.json, images, () => statusLines(images));
  });
}
