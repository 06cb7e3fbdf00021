import * as z from 'zod';
import {
  accountOf,
  EVERY_IMAGE,
  Grant,
  grantKey,
  GrantedImage,
  GRANT_SCOPES,
  GrantScope,
  longestLife,
} from './grant';
import { ScanId } from '../ids';
import { failed, ok, type Result } from '../result';
import { plainText, quoted } from '../text/plain-text';

/** Whose images may be let through: the accounts, or any account where an organization may ask. */
export const GrantAccounts = z.union([z.literal('any'), z.array(z.string())]);
export type GrantAccounts = z.infer<typeof GrantAccounts>;

const TEXT = 500;
const LEAST_TEXT = 10;
const Wanted = z.object({ image: z.unknown(), scope: z.unknown() });

export interface GrantRequest extends Pick<
  Grant,
  'image' | 'scope' | 'justification' | 'ticket' | 'expiresAt'
> {}

/** A grant that is asked for, or everything that is wrong with it, each with the fix. */
export function readGrantRequest(
  body: unknown,
  accounts: GrantAccounts,
  now: Date,
): Result<GrantRequest, string[]> {
  const { forSeconds, justification, ticket } = Object(body) as Record<string, unknown>;
  const problems: string[] = [];
  const subject = readSubject(body, accounts, problems);
  const seconds = readSeconds(forSeconds, subject?.image, problems);
  const why = readText('justification', justification, LEAST_TEXT, 'say what is broken', problems);
  const number = readText('ticket', ticket, 1, 'name the incident, for example "INC-123"', problems);
  if (problems.length > 0 || subject === undefined) return failed(problems);
  const expiresAt = new Date(now.getTime() + seconds * 1000).toISOString();
  return ok({ ...subject, justification: why, ticket: number, expiresAt });
}

/** The grant that is to be ended, or what is wrong. */
export function readEndRequest(
  body: unknown,
  accounts: GrantAccounts,
): Result<Pick<Grant, 'image' | 'scope'>, string[]> {
  const problems: string[] = [];
  const subject = readSubject(body, accounts, problems);
  return subject === undefined ? failed(problems) : ok(subject);
}

export function grantOf(request: GrantRequest, grantId: string, grantedBy: string, now: Date): Grant {
  return {
    pk: grantKey(request),
    schema: 1,
    grantId: ScanId.parse(grantId),
    ...request,
    grantedAt: now.toISOString(),
    grantedBy: plainText(grantedBy, TEXT),
  };
}

export function endedBy(grant: Grant, caller: string, now: Date): Grant {
  return { ...grant, endedAt: now.toISOString(), endedBy: plainText(caller, TEXT) };
}

function readSubject(
  body: unknown,
  accounts: GrantAccounts,
  problems: string[],
): Pick<Grant, 'image' | 'scope'> | undefined {
  const given = Wanted.safeParse(body).data ?? { image: undefined, scope: undefined };
  const image = GrantedImage.safeParse(given.image);
  if (!image.success) problems.push(wrongImage(given.image));
  const scope = GrantScope.safeParse(given.scope);
  if (!scope.success) {
    problems.push(`scope is ${shown(given.scope)}, allowed: ${GRANT_SCOPES}`);
    return undefined;
  }
  const account = accountOf(scope.data)!;
  if (accounts !== 'any' && !accounts.includes(account)) {
    problems.push(
      `scope is of account ${account}, allowed: ${accounts.join(', ')}; list other accounts in the importers of the trust`,
    );
    return undefined;
  }
  return image.success ? { image: image.data, scope: scope.data } : undefined;
}

function wrongImage(given: unknown): string {
  const isTag = typeof given === 'string' && !given.includes('@');
  return `image is ${shown(given)}, allowed: <account>.<region>/<repository>@sha256:<64 hex>, or ${quoted(EVERY_IMAGE)} for every image${isTag ? '; a tag may name another image later: take the digest from the refusal' : ''}`;
}

function readSeconds(given: unknown, image: string | undefined, problems: string[]): number {
  const longest = longestLife(image ?? '');
  if (typeof given === 'number' && Number.isInteger(given) && given >= 1 && given <= longest) return given;
  const what = image === EVERY_IMAGE ? 'every image' : 'one image';
  problems.push(
    `forSeconds is ${shown(given)}, allowed: whole seconds from 1 to ${longest}, which is ${longest / 3600} hours for ${what}; grant again when it has ended`,
  );
  return 0;
}

/** A text that somebody must give. */
export function readText(
  name: string,
  given: unknown,
  least: number,
  fix: string,
  problems: string[],
): string {
  const text = typeof given === 'string' ? plainText(given, TEXT) : '';
  if (text.length < least) {
    problems.push(`${name} is ${shown(given)}, allowed: ${least} to ${TEXT} characters; ${fix}`);
  }
  return text;
}

function shown(given: unknown): string {
  return given === undefined ? 'missing' : plainText(JSON.stringify(given), 200);
}
