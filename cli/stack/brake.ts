import { answer, minute, table } from './answer';
import type { AskOptions } from './options';
import { asking } from '../../adapters/aws/aws-error';
import { pulledNow, releasedNow } from '../../src/core/register/revocation-brake';
import type { RegisterRow } from '../../src/core/register/row';
import { plainText } from '../../src/core/text/plain-text';
import { askForRelease } from '../../use-cases/deployed-trust/ask-for-release';
import { Connection } from '../../use-cases/deployed-trust/connect';
import type { Cli } from '../shell/cli';

export interface ReleaseOptions extends AskOptions {
  readonly because: string;
  readonly ticket: string;
}

export async function brakeStatus(options: AskOptions, cli: Cli): Promise<void> {
  await asking(async () => {
    const connection = await Connection.open(options, cli);
    const state = await connection.brake.load();
    const [pulled, released] = [pulledNow(state, cli.now()), releasedNow(state, cli.now())];
    const held: RegisterRow[] = [];
    for await (const row of connection.register.all()) if (row.held !== undefined) held.push(row);
    const images = held.map(({ pk, held: hold, verdict }) => ({
      image: pk,
      until: hold!.until,
      worst: verdict?.worst ?? [],
    }));
    answer(cli, options.json, { pulled, released, held: images }, () => [
      pulled === undefined
        ? 'the brake holds nothing: every FAIL of a trusted image revokes it'
        : `the brake holds until ${minute(pulled.until)}, because ${plainText(pulled.because, 600)}`,
      ...(released === undefined
        ? []
        : [
            `released at ${minute(released.releasedAt)} by ${plainText(released.releasedBy, 300)} (${plainText(released.ticket, 100)}): nothing is held until ${minute(released.until)}`,
          ]),
      ...(images.length === 0
        ? []
        : table(
            ['HELD IMAGE', 'ADMITTED UNTIL', 'WORST VIOLATION'],
            images.map(({ image, until, worst }) => [image, minute(until), worst[0] ?? '-']),
          )),
    ]);
  });
}

export async function brakeRelease(options: ReleaseOptions, cli: Cli): Promise<void> {
  await asking(async () => {
    const { because: justification, ticket } = options;
    const wanted = { action: 'release', justification, ticket };
    const released = await askForRelease(wanted, await Connection.open(options, cli));
    answer(cli, options.json, released, () => [
      `released: what the brake held is revoked within minutes, and nothing is held until ${minute(released.until)}`,
      'everybody who gets alerts is told now; what runs already goes on',
    ]);
  });
}
