import { answer, table } from './answer';
import type { AskOptions } from './options';
import { asking } from '../../adapters/aws/aws-error';
import type { FindingRow } from '../../src/core/findings/changes';
import { imageOf } from '../../src/core/image/image';
import { nameText } from '../../src/core/text/plain-text';
import { usageError } from '../../src/core/user-error';
import { Connection } from '../../use-cases/deployed-trust/connect';
import { repositoryAsked } from '../../use-cases/deployed-trust/image-argument';
import { listFindings } from '../../use-cases/deployed-trust/list-findings';
import { nothingOnRecord } from '../../use-cases/deployed-trust/list-images';
import type { Cli } from '../shell/cli';

export interface FindingsOptions extends AskOptions {
  readonly cve?: string;
  readonly repository?: string;
  readonly all?: boolean;
}

export function findingsLines(rows: readonly FindingRow[]): string[] {
  return table(
    ['STATUS', 'SEVERITY', 'ID', 'PACKAGE', 'FIXED IN', 'IMAGE', 'WAIVED BY'],
    rows.map(row => {
      const { repository, digest } = imageOf(row.pk);
      const waived = [
        row.waivedBy ?? '',
        ...(row.waivedUntil === undefined ? [] : [`until ${row.waivedUntil}`]),
      ].join(' ');
      return [
        row.status,
        row.severity,
        nameText(row.id),
        nameText(
          [row.package, row.installedVersion].filter(each => each !== undefined).join(' ') || row.path || '-',
        ),
        nameText(row.fixedVersion ?? '-'),
        `${repository}@${digest.slice(0, 19)}`,
        row.status === 'WAIVED' ? waived : '-',
      ];
    }),
  );
}

export async function findings(
  { cve, repository, all = false, json, ...options }: FindingsOptions,
  cli: Cli,
): Promise<void> {
  if (cve === undefined && repository === undefined) {
    throw usageError('no question is given, required: --cve ID, --repository NAME or both');
  }
  await asking(async () => {
    const connection = await Connection.open(options, cli);
    const of = repository === undefined ? undefined : repositoryAsked(repository, connection.trust);
    const rows = await listFindings({ cve, repository: of, all }, connection);
    if (rows === undefined) throw nothingOnRecord(of!);
    answer(cli, json, rows, () => (rows.length === 0 ? [] : findingsLines(rows)));
    if (rows.length === 0) {
      cli.out.note(
        `no image on record has ${cve === undefined ? 'a finding' : 'it'}${all ? '' : ' open or waived'}: an image that was never scanned is not on record`,
      );
    }
  });
}
