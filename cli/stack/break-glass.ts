import { answer, minute, table } from './answer';
import type { AskOptions } from './options';
import { asking } from '../../adapters/aws/aws-error';
import { quoted } from '../../src/core/text/plain-text';
import { EVERY_IMAGE, lives, notChecked, readGrant, timeLeft, type Grant } from '../../src/core/trust/grant';
import { usageError } from '../../src/core/user-error';
import { askForGrant } from '../../use-cases/deployed-trust/ask-for-grant';
import { Connection } from '../../use-cases/deployed-trust/connect';
import { imageAsked } from '../../use-cases/deployed-trust/image-argument';
import type { Cli } from '../shell/cli';

interface SubjectOptions extends AskOptions {
  readonly image: string;
  readonly scope: string;
}

export interface GrantOptions extends SubjectOptions {
  readonly for: string;
  readonly because: string;
  readonly ticket: string;
}

export type EndOptions = SubjectOptions;

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };

export async function breakGlassGrant(options: GrantOptions, cli: Cli): Promise<void> {
  const forSeconds = secondsOf(options.for);
  const { scope, because: justification, ticket } = options;
  await asking(async () => {
    const image = await imageOrEvery(options.image, cli);
    const wanted = { action: 'grant', image, scope, forSeconds, justification, ticket };
    const [grant] = (await askForGrant(wanted, await Connection.open(options, cli))) as [Grant];
    answer(cli, options.json, grant, () => [
      `granted until ${grant.expiresAt}: ${shown(grant)} may run without trust where ${grant.scope} runs it`,
      'everybody who gets alerts is told now, and at each use; deploy, then end it: break-glass end',
      ...notChecked(grant),
    ]);
  });
}

export async function breakGlassEnd(options: EndOptions, cli: Cli): Promise<void> {
  await asking(async () => {
    const image = await imageOrEvery(options.image, cli);
    const wanted = { action: 'end', image, scope: options.scope };
    const grants = await askForGrant(wanted, await Connection.open(options, cli));
    answer(cli, options.json, { grants }, () => [
      ...grants.map(({ grantId, grantedBy }) => `ended: the grant ${grantId} of ${grantedBy}`),
      `gates refuse ${shown(grants[0]!)} again where ${grants[0]!.scope} runs it; what runs already is not stopped`,
    ]);
  });
}

export async function breakGlassList(options: AskOptions, cli: Cli): Promise<void> {
  await asking(async () => {
    const connection = await Connection.open(options, cli);
    const living: Grant[] = [];
    for await (const row of connection.grants.all()) {
      const grant = readGrant(row);
      if (grant !== undefined && lives(grant, cli.now())) living.push(grant);
    }
    answer(cli, options.json, { grants: living }, () =>
      living.length === 0
        ? ['no break-glass grant is active: gates refuse what is not trusted']
        : table(
            ['image', 'scope', 'until', 'left', 'granted by', 'ticket', 'justification'],
            living.map(grant => [
              shown(grant),
              grant.scope,
              minute(grant.expiresAt),
              timeLeft(grant, cli.now()),
              grant.grantedBy,
              grant.ticket,
              grant.justification,
            ]),
          ),
    );
  });
}

function shown({ image }: Grant): string {
  return image === EVERY_IMAGE ? 'every image' : image;
}

/** A tag is refused here already: it may name another image later. */
async function imageOrEvery(text: string, cli: Cli): Promise<string> {
  if (text === EVERY_IMAGE) return text;
  return imageAsked(text, {}, async () => undefined, cli);
}

function secondsOf(text: string): number {
  const [, count, unit] = /^(\d{1,5})([smh])$/.exec(text) ?? [];
  if (count === undefined) {
    throw usageError(`--for is ${quoted(text, 100)}, allowed: a number with s, m or h, for example 2h`);
  }
  return Number(count) * UNITS[unit!]!;
}
