import { found, ok, unknown, type Look } from './line';
import { atOnceFor, SCAN_LOAD_LIMIT, scanLoad } from '../register/scan-load';

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
  /** Images with a PASS: each is renewed once a day. */
  readonly passed: number;
  /** How long a scan took, if one has ended. */
  readonly scanSeconds: number | undefined;
}

/** What a first deployment fails by: a new account may run no builds at all. */
export function buildQuota(facts: BuildQuota): Look {
  const { quotaName, quota, wanted, measured, refused } = facts;
  const limit = `at least 1; this stack uses up to ${wanted}, its renewals at most ${SCAN_LOAD_LIMIT} % of their share`;
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
  return loadOf(facts, limit, value);
}

/** How much of what is possible in a day the renewals need. Above 100 % verdicts expire. */
function loadOf(facts: BuildQuota, limit: string, value: string): Look {
  const { quotaName, quota, wanted, measured, passed, scanSeconds } = facts;
  const atOnce = Math.max(1, Math.min(wanted, quota ?? measured?.builds ?? wanted));
  const { percent, wantedADay, possibleADay } = scanLoad(passed, { atOnce, scanSeconds });
  const [needed, possible] = [Math.ceil(wantedADay), Math.floor(possibleADay)];
  if (percent < 1) return ok(limit, value);
  const load = `${value}; ${needed} renewals a day of ${possible} that are possible with ${atOnce} at once: ${Math.round(percent)} %`;
  if (percent <= SCAN_LOAD_LIMIT) return ok(limit, load);
  const enough = atOnceFor(passed, scanSeconds);
  return found(
    limit,
    load,
    `raise the quota "${quotaName}" of CodeBuild in Service Quotas to ${enough} and the option concurrency to ${enough}, or let lifecycle rules delete images that nobody runs`,
  );
}

/** `BUILD_GENERAL1_SMALL` of `LINUX_CONTAINER` is counted by the quota for Linux/Small. */
export function quotaNameOf(environmentType: string, computeType: string): string {
  const size = computeType.replace(/^BUILD_(?:GENERAL1|LAMBDA)_/, '');
  const isLambda = environmentType.includes('LAMBDA');
  const platform = `${environmentType.startsWith('ARM') ? 'ARM' : 'Linux'}${isLambda ? ' Lambda' : ''}`;
  const shown = /^\d/.test(size) ? size : size.charAt(0) + size.slice(1).toLowerCase();
  return `Concurrently running builds for ${platform}/${shown} environment`;
}
