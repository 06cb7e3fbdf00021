import { awsClients, type AwsClients, type ClientOptions } from '../aws-clients';
import { Call } from '../gateway/call';

/** An account and a region. */
export interface Place {
  readonly account: string;
  readonly region: string;
}

/**
 * The accounts and regions of the cloud, past the gateway, each as its own root. MiniStack keeps them apart
 * by the access key and by the region of a signature.
 */
export class Places {
  private readonly accounts = new Map<string, string>();
  private readonly visited = new Map<string, Place>();
  private readonly clients = new Map<string, AwsClients>();

  constructor(
    private readonly home: Place & { readonly aws: AwsClients },
    private readonly options: Pick<ClientOptions, 'endpoint' | 'agent'>,
  ) {}

  /** Where a call is made. What has no signature is at home. */
  public async of({
    accessKeyId,
    region = this.home.region,
  }: Pick<Call, 'accessKeyId' | 'region'>): Promise<Place> {
    return {
      account: accessKeyId === undefined ? this.home.account : await this.accountOf(accessKeyId),
      region,
    };
  }

  public isHome({ account, region }: Place): boolean {
    return account === this.home.account && region === this.home.region;
  }

  /** Everywhere else where somebody was. */
  public others({ account, region }: Place): Place[] {
    return [...this.visited.values()].filter(each => each.account !== account && each.region === region);
  }

  public in({ account, region }: Place): AwsClients {
    const key = `${account}.${region}`;
    this.visited.set(key, { account, region });
    if (this.isHome({ account, region })) return this.home.aws;
    const known =
      this.clients.get(key) ??
      awsClients({ ...this.options, region, credentials: { accessKeyId: account, secretAccessKey: 'test' } });
    this.clients.set(key, known);
    return known;
  }

  private async accountOf(accessKeyId: string): Promise<string> {
    const known = this.accounts.get(accessKeyId);
    if (known !== undefined) return known;
    if (/^\d{12}$/.test(accessKeyId)) return accessKeyId; // of the root, which only the gateway has
    const { Account } = await this.home.aws.sts.getAccessKeyInfo({ AccessKeyId: accessKeyId });
    this.accounts.set(accessKeyId, Account!);
    return Account!;
  }
}
