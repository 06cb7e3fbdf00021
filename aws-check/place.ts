import type { StateFile } from './state';
import type { AwsClients } from '../local/cloud/aws-clients';

/**
 * A check goes on, and removes, only where it began: in another account or region, names that apps fix may be
 * somebody else's.
 */
export async function requireSamePlace(
  { path, state }: Pick<StateFile, 'path' | 'state'>,
  { sts }: { readonly sts: Pick<AwsClients['sts'], 'getCallerIdentity'> },
  region?: string,
): Promise<void> {
  if (region !== undefined && region !== state.region) {
    throw new Error(
      `--region is ${region}, allowed: ${state.region}, where the check of ${path} began: leave --region out`,
    );
  }
  const { Account: account } = await sts.getCallerIdentity({});
  if (account === state.account) return;
  const keys =
    state.profile === undefined
      ? 'give the keys of that account in the environment'
      : `let the profile ${state.profile} name that account`;
  throw new Error(
    `the account of the caller is ${account ?? 'unknown'}, allowed: ${state.account}, where the check of ${path} began: ${keys}`,
  );
}
