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

/** What Service Quotas says of CodeBuild: MiniStack does not have this service. */
export function quotasRoute({ sessions, account, region, buildQuota }: QuotasRouteOptions): Route {
  const quotas = () =>
    MACHINES.map((machine, at) => ({
      ServiceCode: 'codebuild',
      ServiceName: 'AWS CodeBuild',
      QuotaArn: `arn:aws:servicequotas:${region}:${account}:codebuild/L-${at}`,
      QuotaCode: `L-${at}`,
      QuotaName: `Concurrently running builds for ${machine} environment`,
      Value: buildQuota(),
      Unit: 'None',
      Adjustable: true,
      GlobalQuota: false,
    }));
  return async (call: Call): Promise<Answer | undefined> => {
    const { prefix, operation } = call.target ?? {};
    if (prefix !== 'ServiceQuotasV20190624') return undefined;
    if (operation !== 'ListServiceQuotas') return errorAnswer('InvalidAction', `not emulated: ${operation}`);
    const refused = await sessions.refusal(call.accessKeyId, `servicequotas:${operation}`, '*');
    if (refused !== undefined) return errorAnswer('AccessDeniedException', refused);
    const { ServiceCode } = await call.json<{ ServiceCode: string }>();
    return jsonAnswer(200, { Quotas: ServiceCode === 'codebuild' ? quotas() : [] });
  };
}
