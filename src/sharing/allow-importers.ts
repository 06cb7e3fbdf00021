import { Annotations, Stack } from 'aws-cdk-lib';
import { AccountPrincipal, AnyPrincipal, PolicyStatement, type IPrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IConstruct } from 'constructs';
import type { Importer } from './importer';
import { onlyRows } from '../access/only-rows';
import { AwsLimit } from '../core/limits';
import { PolicyRow } from '../core/policy/policy-table';
import { grantKeysOf } from '../core/trust/grant';
import type { HasBreakGlass, OwnTrust } from '../gates/own-access';

const KEY_ACTIONS = ['kms:DescribeKey', 'kms:GetPublicKey'];

/** This resource: a policy of a table or key cannot name its own ARN. */
const THIS = ['*'];

/**
 * Lets gates of other accounts ask: read rows of images and the active policy, fetch the public keys, and
 * request scans. They can neither list nor write, and other rows they cannot read.
 *
 * @internal
 */
export function allowImporters(trust: OwnTrust & HasBreakGlass, importers: readonly Importer[]): void {
  const { register, policies, scanner, signer } = trust;
  const { account, region } = Stack.of(trust);
  const images = [account, ...scanner._otherAccounts].map(each => `${each}.${region}/*`);
  for (const { sid, principals, accounts } of askers(trust, importers)) {
    const statement = (actions: string[], resources = THIS, conditions?: Record<string, unknown>) =>
      new PolicyStatement({
        sid,
        principals,
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
    trust._whenBreakGlass(breakGlass =>
      breakGlass._allowImporters(
        accounts,
        statement(['dynamodb:Query'], THIS, named(onlyRows(grantKeysOf(OF_CALLER), 'StringLike'))),
        statement(['sqs:SendMessage'], [breakGlass._messages.queueArn]),
      ),
    );
  }
}

/** Who may ask, as one statement names them: the policy of a queue has room for few. */
interface Askers {
  readonly sid: string;
  readonly principals: IPrincipal[];
  /** Whose grants may name their images. */
  readonly accounts: readonly string[] | 'any';
}

function askers(trust: OwnTrust, importers: readonly Importer[]): Askers[] {
  const asking = importers.map(importer => importer._asks());
  const accounts = new Set(asking.flatMap(each => ('account' in each ? [each.account] : [])));
  const organizations = new Set(asking.flatMap(each => ('organization' in each ? [each.organization] : [])));
  return [...ofAccounts(trust, [...accounts]), ...ofOrganizations(trust, [...organizations])];
}

function ofAccounts(trust: OwnTrust, accounts: readonly string[]): Askers[] {
  if (accounts.length === 0) return [];
  const most = AwsLimit.importingAccounts;
  if (accounts.length > most) {
    throw new Error(
      `the trust ${trust.node.path} has ${accounts.length} importing accounts, allowed: ${most} at most, because the policy of an Amazon SQS queue names 50 principals at most; list their organization: Importer.organization("o-…")`,
    );
  }
  return [{ sid: 'AskAccounts', principals: accounts.map(each => new AccountPrincipal(each)), accounts }];
}

function ofOrganizations(trust: OwnTrust, organizations: readonly string[]): Askers[] {
  if (organizations.length === 0) return [];
  const most = AwsLimit.importingOrganizations;
  if (organizations.length > most) {
    throw new Error(
      `the trust ${trust.node.path} has ${organizations.length} importing organizations, allowed: ${most} at most, because the policy of an Amazon SQS queue has 10 conditions at most; list the accounts that ask: Importer.account("210987654321")`,
    );
  }
  const everybody = new AnyPrincipal().withConditions({
    StringEquals: { 'aws:PrincipalOrgID': organizations },
  });
  return [{ sid: 'AskOrganizations', principals: [everybody], accounts: 'any' }];
}

/** IAM puts the account of the caller here: nobody reads the grants of another account. */
const OF_CALLER = '${aws:PrincipalAccount}';

/** Other accounts may ask, and no output says what to ask. @internal */
export function warnOfUnpublished(trust: IConstruct): void {
  Annotations.of(trust).addWarningV2(
    'cdk-trusted-images:importersOfUnpublished',
    `${trust.node.path} has importers and no publishedAs, so its stack has none of the outputs that ImageTrust.fromAttributes() needs in their apps; set publishedAs, for example "platform"`,
  );
}

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
