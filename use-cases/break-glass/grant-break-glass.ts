import type { Grant } from '../../src/core/trust/grant';
import { lives, grantKey, readGrant } from '../../src/core/trust/grant';
import {
  endedBy,
  grantOf,
  readEndRequest,
  readGrantRequest,
  type GrantAccounts,
} from '../../src/core/trust/grant-request';
import { watch, type GrantMessage } from '../../src/core/trust/grant-watch';

export interface GrantContext {
  readonly grants: {
    of(key: string): Promise<readonly unknown[]>;
    put(grant: Grant): Promise<void>;
    /** False if it was ended by now. */
    end(grant: Grant): Promise<boolean>;
  };
  readonly watched: { send(message: GrantMessage): Promise<void> };
  readonly accounts: GrantAccounts;
  readonly now: Date;
  newId(): string;
}

export type GrantAnswer =
  | { readonly granted: Grant }
  | { readonly ended: readonly Grant[] }
  | { readonly problems: readonly string[] };

/** Grants, or ends what was granted, for a caller whom AWS named. */
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

/** Every grant for this image and scope: whoever ends one must not leave another. */
async function end(caller: string, body: unknown, context: GrantContext): Promise<GrantAnswer> {
  const { accounts, grants, now } = context;
  const request = readEndRequest(body, accounts);
  if (!request.ok) return { problems: request.error };
  const { image, scope } = request.value;
  const rows = await grants.of(grantKey(request.value));
  const ended: Grant[] = [];
  for (const found of rows.flatMap(row => readGrant(row) ?? [])) {
    if (found.scope !== scope || !lives(found, now)) continue;
    const over = endedBy(found, caller, now);
    if (await grants.end(over)) ended.push(over);
  }
  if (ended.length > 0) return { ended };
  return { problems: [`no active grant for ${image} in ${scope}: list those that are active`] };
}
