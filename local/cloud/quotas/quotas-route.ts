import { Answer, errorAnswer, jsonAnswer } from '../gateway/answer';
import { Call } from '../gateway/call';
import { Route } from '../gateway/route';
import { Sessions } from '../sessions';

export interface QuotasRouteOptions {
  readonly sessions: Sessions;
  readonly account: string;
  readonly region: string;
  /** How many builds run at once. */
  readonly buildQuota: () => number;
}

/** The quotas of the machines that scans may run on. Here they are one, of the account. */
const MACHINES = ['Linux/Small', 'Linux/Medium', 'Linux/Large', 'Linux Lambda/4GB', 'Linux Lambda/10GB'];
/** Defaults that AWS documents. Nothing here is limited by them. */
const DEFAULTS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  cloudformation: { 'Stack count': 2000 },
  ecr: { 'Registered repositories': 100_000, 'Pull through cache rules per registry': 50 },
  lambda: { 'Concurrent executions': 1000 },
};
const LISTS = ['ListServiceQuotas', 'ListAWSDefaultServiceQuotas'];

/** What Service Quotas says: MiniStack does not have this service. */
export function quotasRoute({ sessions, account, region, buildQuota }: QuotasRouteOptions): Route {
  const quotasOf = (service: string): Readonly<Record<string, number>> =>
    service === 'codebuild'
      ? Object.fromEntries(
          MACHINES.map(each => [`Concurrently running builds for ${each} environment`, buildQuota()]),
        )
      : (DEFAULTS[service] ?? {});
  return async (call: Call): Promise<Answer | undefined> => {
    const { prefix, operation } = call.target ?? {};
    if (prefix !== 'ServiceQuotasV20190624') return undefined;
    if (operation === undefined || !LISTS.includes(operation)) {
      return errorAnswer('InvalidAction', `not emulated: ${operation}`);
    }
    const refused = await sessions.refusal(call.accessKeyId, `servicequotas:${operation}`, '*');
    if (refused !== undefined) return errorAnswer('AccessDeniedException', refused);
    const { ServiceCode } = await call.json<{ ServiceCode: string }>();
    const Quotas = Object.entries(quotasOf(ServiceCode)).map(([QuotaName, Value], at) => ({
      ServiceCode,
      ServiceName: ServiceCode,
      QuotaArn: `arn:aws:servicequotas:${region}:${account}:${ServiceCode}/L-${at}`,
      QuotaCode: `L-${at}`,
      QuotaName,
      Value,
      Unit: 'None',
      Adjustable: true,
      GlobalQuota: false,
    }));
    return jsonAnswer(200, { Quotas });
  };
}
