import { answer, table } from './answer';
import { positive, type AskOptions } from './options';
import { asking } from '../../adapters/aws/aws-error';
import type { Waivers } from '../../src/core/waivers/waiver';
import {
  activeWaivers,
  listExpiring,
  listUnused,
  type ListedWaiver,
} from '../../use-cases/deployed-trust/active-waivers';
import { Connection } from '../../use-cases/deployed-trust/connect';
import type { Cli } from '../shell/cli';

export interface ExpiringOptions extends AskOptions {
  readonly days: string;
}

export async function waiversExpiring({ days, ...options }: ExpiringOptions, cli: Cli): Promise<void> {
  const within = positive('--days', 'days', days);
  await list(options, cli, `no active waiver ends within ${within} days`, async waivers =>
    listExpiring(waivers, within, cli.now()),
  );
}

export async function waiversUnused(options: AskOptions, cli: Cli): Promise<void> {
  await list(options, cli, 'every active waiver covers something', async (waivers, { waiversInRegister }) => {
    return waivers.length === 0 ? [] : listUnused(waivers, await waiversInRegister.used(), cli.now());
  });
}

type Choose = (waivers: Waivers, connection: Connection) => Promise<ListedWaiver[]>;

async function list(options: AskOptions, cli: Cli, none: string, choose: Choose): Promise<void> {
  await asking(async () => {
    const connection = await Connection.open(options, cli);
    const chosen = await choose(await activeWaivers(connection.waivers, connection.evidence), connection);
    answer(cli, options.json, chosen, () => (chosen.length === 0 ? [] : lines(chosen)));
    if (chosen.length === 0) cli.out.note(none);
  });
}

function lines(waivers: readonly ListedWaiver[]): string[] {
  return table(
    ['EXPIRES', 'WAIVES', 'WHERE', 'OWNER', 'TICKET'],
    waivers.map(({ expires, daysLeft, what, where, owner, ticket = '-' }) => [
      daysLeft < 0 ? `${expires} (expired)` : `${expires} (${daysLeft} days)`,
      what,
      where,
      owner,
      ticket,
    ]),
  );
}
