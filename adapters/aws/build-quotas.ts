import {
  paginateListAWSDefaultServiceQuotas,
  paginateListServiceQuotas,
  type ServiceQuotasClient,
} from '@aws-sdk/client-service-quotas';

const SERVICE = { ServiceCode: 'codebuild' };

/** The quotas of CodeBuild, as Service Quotas knows them. */
export class BuildQuotas {
  constructor(private readonly client: ServiceQuotasClient) {}

  /** The value for this account, or the default where there is none. Undefined: it is not listed. */
  public async value(quotaName: string): Promise<number | undefined> {
    for await (const { Quotas } of paginateListServiceQuotas({ client: this.client }, SERVICE)) {
      const quota = Quotas?.find(({ QuotaName }) => QuotaName === quotaName);
      if (quota?.Value !== undefined) return quota.Value;
    }
    for await (const { Quotas } of paginateListAWSDefaultServiceQuotas({ client: this.client }, SERVICE)) {
      const quota = Quotas?.find(({ QuotaName }) => QuotaName === quotaName);
      if (quota?.Value !== undefined) return quota.Value;
    }
    return undefined;
  }
}
