import { Annotations, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Importer } from './importer';
import { onlyRows } from '../access/only-rows';
import type { BreakGlass } from '../break-glass/break-glass';
import { PolicyRow } from '../core/policy/policy-table';
import { grantKeysOf } from '../core/trust/grant';
import type { OwnTrust } from '../gates/own-access';

const KEY_ACTIONS = ['kms:DescribeKey', 'kms:GetPublicKey'];

/** This resource: a policy of a table or key cannot name its own ARN. */
const THIS = ['*'];

/**
 * Lets gates of other accounts ask: read rows of images and the active policy, fetch the public keys, and
 * request scans. They can neither list nor write, and other rows they cannot read.
 *
 * @internal
 */
export function allowImporters(
  trust: OwnTrust,
  importers: readonly Importer[],
  breakGlass: BreakGlass | undefined,
): void {
  const { register, policies, scanner, signer } = trust;
  const { account, region } = Stack.of(trust);
  const images = [account, ...scanner._otherAccounts].map(each => `${each}.${region}/*`);
  for (const importer of importers) {
    const statement = (actions: string[], resources = THIS, conditions?: Record<string, unknown>) =>
      new PolicyStatement({
        sid: `Ask${importer._name()}`,
        principals: [importer._principal()],
        actions,
        resources,
        ...(conditions !== undefined && { conditions }),
      });
    register._allow(statement(['dynamodb:GetItem'], THIS, named(onlyRows(images, 'StringLike'))));
    policies._allow(statement(['dynamodb:GetItem'], THIS, named(onlyRows([PolicyRow.current]))));
    for (const key of signer._keys) {
      const { statementAdded } = key.addToResourcePolicy(statement(KEY_ACTIONS));
      if (!statementAdded) warnOfKey(trust, key);
    }
    const requests = scanner._importerRequests();
    requests.addToResourcePolicy(statement(['sqs:SendMessage'], [requests.queueArn]));
    breakGlass?._allowImporter(
      importer._account(),
      statement(['dynamodb:Query'], THIS, named(onlyRows(grantKeysOf(OF_CALLER), 'StringLike'))),
      statement(['sqs:SendMessage'], [breakGlass._messages.queueArn]),
    );
  }
}

/** IAM puts the account of the caller here: nobody reads the grants of another account. */
const OF_CALLER = '${aws:PrincipalAccount}';

/** The policy of an imported key is not changed by this app. */
function warnOfKey(trust: OwnTrust, key: IKey): void {
  Annotations.of(trust).addWarningV2(
    'cdk-trusted-images:importersOfKey',
    `the policy of the imported signing key ${Stack.of(trust).resolve(key.keyArn) as string} is not changed: it must allow ${KEY_ACTIONS.join(' and ')} to the importers, or their gates refuse every image`,
  );
}

/** `ForAllValues` alone is also true for a call without the key. */
function named(condition: Record<string, unknown>): Record<string, unknown> {
  return { ...condition, Null: { 'dynamodb:LeadingKeys': 'false' } };
}
