import type { Grant } from '../../src/core/trust/grant';
import { lives, grantKey, readGrant } from '../../src/core/trust/grant';
import {
  grantOf,
  readEndRequest,
  readGrantRequest,
  type GrantAccounts,
} from '../../src/core/trust/grant-request';
import { watch, type GrantMessage } from '../../src/core/trust/grant-watch';

export interface GrantContext {
  readonly grants: {
    load(key: string): Promise<unknown>;
    put(grant: Grant): Promise<void>;
    /** False if another grant is there by now. */
    end(grant: Grant): Promise<boolean>;
  };
  readonly watched: { send(message: GrantMessage): Promise<void> };
  readonly accounts: GrantAccounts;
  readonly now: Date;
  newId(): string;
}

export type GrantAnswer =
  { readonly granted: Grant } | { readonly ended: Grant } | { readonly problems: readonly string[] };

/** Grants, or ends a grant, for a caller whom AWS named. */
export async function grantBreakGlass(
  caller: string,
  body: unknown,
  context: GrantContext,
): Promise<GrantAnswer> {
  const { action } = Object(body) as { action?: unknown };
  if (action === 'grant') return grant(caller, body, context);
  if (action === 'end') return end(caller, body, context);
  return { problems: [`action is ${JSON.stringify(action) ?? 'missing'}, allowed: "grant", "end"`] };
}

/** It is watched before it is written, so that no grant is without an event (rule 5.11, break-glass). */
async function grant(caller: string, body: unknown, context: GrantContext): Promise<GrantAnswer> {
  const { accounts, grants, watched, now, newId } = context;
  const request = readGrantRequest(body, accounts, now);
  if (!request.ok) return { problems: request.error };
  const granted = grantOf(request.value, newId(), caller, now);
  await watched.send(watch(granted, now));
  await grants.put(granted);
  return { granted };
}

async function end(caller: string, body: unknown, context: GrantContext): Promise<GrantAnswer> {
  const { accounts, grants, now } = context;
  const request = readEndRequest(body, accounts);
  if (!request.ok) return { problems: request.error };
  const found = readGrant(await grants.load(grantKey(request.value)));
  const { image, scope } = request.value;
  if (found === undefined || !lives(found, now)) {
    return { problems: [`no grant for ${image} in ${scope} lives: list those that do`] };
  }
  const ended = { ...found, endedAt: now.toISOString(), endedBy: caller };
  if (await grants.end(ended)) return { ended };
  return { problems: [`the grant for ${image} in ${scope} was replaced in this moment: end it again`] };
}
