import type { Check } from './check';
import { BuildQuotas } from '../adapters/aws/build-quotas';
import { quotaNameOf } from '../src/core/doctor/build-quota';

/** The machine of the quickstart's scans. */
const QUOTA = quotaNameOf('LINUX_CONTAINER', 'BUILD_GENERAL1_SMALL');

/** How many builds the account may run at once. */
export async function buildsAtOnce({ aws }: Pick<Check, 'aws'>): Promise<{ quota: string; value?: number }> {
  const value = await new BuildQuotas(aws.quotas).value(QUOTA);
  return { quota: QUOTA, ...(value !== undefined && { value }) };
}

/**
 * Before anything is made: where no build may run, a deployment fails after minutes, and its removal takes as
 * long.
 */
export async function requireBuilds(check: Check): Promise<void> {
  const { quota, value } = await buildsAtOnce(check);
  if (value === 0) {
    throw new Error(
      `the account may run no builds: its quota "${quota}" is 0; ask for 1 or more in Service Quotas of ${check.cloud.region}, or give another account or --region`,
    );
  }
  check.say(`builds at once: ${value ?? 'Service Quotas does not say'}`);
}
