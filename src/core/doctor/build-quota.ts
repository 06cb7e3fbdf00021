import { found, ok, unknown, type Look } from './line';

export interface BuildQuota {
  /** As Service Quotas calls it. */
  readonly quotaName: string;
  /** Undefined where Service Quotas does not list it. */
  readonly quota: number | undefined;
  /** The option `concurrency`. */
  readonly wanted: number;
  /** How many builds ran at once when CodeBuild refused one or kept one waiting. */
  readonly measured: { readonly builds: number; readonly at: string } | undefined;
  /** Images whose last scan failed because CodeBuild takes no builds of this account. */
  readonly refused: number;
}

/** What a first deployment fails by: a new account may run no builds at all. */
export function buildQuota({ quotaName, quota, wanted, measured, refused }: BuildQuota): Look {
  const limit = `at least 1; this stack uses up to ${wanted}`;
  const seen = measured === undefined ? '' : `, ${measured.builds} measured at ${measured.at}`;
  const value = `${quota ?? 'not listed'} by the quota "${quotaName}"${seen}`;
  const raise = `raise the quota "${quotaName}" of CodeBuild in Service Quotas`;
  if (quota === 0) return found(limit, value, raise);
  if (refused > 0) {
    return found(
      limit,
      `${value}; CodeBuild took no build for ${refused} images`,
      'ask AWS Support to let this account run builds; each image is tried again within an hour',
    );
  }
  if (quota === undefined && measured === undefined) {
    return unknown(limit, value, `look the quota "${quotaName}" up in Service Quotas`);
  }
  return ok(limit, value);
}

/** `BUILD_GENERAL1_SMALL` of `LINUX_CONTAINER` is counted by the quota for Linux/Small. */
export function quotaNameOf(environmentType: string, computeType: string): string {
  const size = computeType.replace(/^BUILD_(?:GENERAL1|LAMBDA)_/, '');
  const isLambda = environmentType.includes('LAMBDA');
  const platform = `${environmentType.startsWith('ARM') ? 'ARM' : 'Linux'}${isLambda ? ' Lambda' : ''}`;
  const shown = /^\d/.test(size) ? size : size.charAt(0) + size.slice(1).toLowerCase();
  return `Concurrently running builds for ${platform}/${shown} environment`;
}
