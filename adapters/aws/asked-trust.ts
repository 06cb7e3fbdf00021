import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import { SQSClient } from '@aws-sdk/client-sqs';
import { AskedGrants } from './asked-grants';
import { env } from './environment';
import { KmsKeys } from './kms-keys';
import { policyPointers } from './policy-table';
import { SqsQueue } from './sqs-queue';
import { TrustRegister } from './trust-register';
import { EnvironmentName } from '../../src/core/environment';
import { accessRemedy } from '../../src/core/sharing/remedy';
import type { BreakGlassPorts } from '../../src/core/trust/break-glass';
import type { GrantMessage } from '../../src/core/trust/grant-watch';

/** `<account>.<region>` of a trust of another app. Otherwise the trust is where the function is. */
export const owner = process.env[EnvironmentName.trustOwner];
const region = owner?.split('.')[1];
/** The options of clients that work where the trust is. */
export const there = region === undefined ? {} : { region };
const tables = new DynamoDBClient(there);

/** What a gate reads of the trust that it asks. */
export const askedTrust = {
  register: new TrustRegister(env(EnvironmentName.register), tables),
  policies: policyPointers(env(EnvironmentName.policies), tables),
  breakGlass: askedGrants(process.env[EnvironmentName.grants]),
};

/** The grants of the trust, and where their uses are recorded. Undefined if it has no break-glass. */
function askedGrants(table: string | undefined): BreakGlassPorts | undefined {
  if (table === undefined) return undefined;
  const grants = new AskedGrants(table, tables);
  const uses = new SqsQueue<GrantMessage>(env(EnvironmentName.grantMessages), new SQSClient(there));
  return {
    stack: process.env[EnvironmentName.trustStack],
    grants: key => grants.of(key),
    recordUse: use => uses.send({ kind: 'use', use }),
  };
}

/** By their document: public keys are fetched once. */
const known = new Map<string, KmsKeys>();

/**
 * The keys that the template of the function names. If it names none, those that were read for this
 * deployment.
 */
export function pinnedKeys(readNow: string | undefined): KmsKeys {
  const document = process.env[EnvironmentName.pinnedKeys] ?? readNow;
  if (document === undefined) {
    throw new Error('no signing key is pinned: deploy the gate by its construct');
  }
  const keys = known.get(document) ?? new KmsKeys(document, new KMSClient(there));
  known.set(document, keys);
  return keys;
}

/** The keys of a function that no custom resource asks: only its template names some. */
export const templateKeys = { all: async () => pinnedKeys(undefined).all() };

/** What to do if a trust of another app does not answer a gate. Undefined for a trust of the same app. */
export function remedyFor(stackId: string): string | undefined {
  return owner === undefined ? undefined : accessRemedy(owner, stackId.split(':')[4] ?? 'of this stack');
}
