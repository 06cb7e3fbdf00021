import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ECRClient } from '@aws-sdk/client-ecr';
import { KMSClient } from '@aws-sdk/client-kms';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { calledByUrl } from './called-by-url';
import { CloudFormationStacks } from './deployed-stack';
import { findTrust, partOf, type DeployedTrust } from './find-trust';
import type { ResolveTag } from './image-argument';
import type { NamedQueue } from './redrive';
import { BasesRow } from '../../adapters/aws/bases-row';
import { clientOptions } from '../../adapters/aws/client-options';
import { DeadLetterQueues } from '../../adapters/aws/dead-letters';
import { EcrRegistry } from '../../adapters/aws/ecr-registry';
import { EvidenceBucket } from '../../adapters/aws/evidence-bucket';
import { FindingsQuery } from '../../adapters/aws/findings-query';
import { FunctionUrl } from '../../adapters/aws/function-url';
import { GrantsTable } from '../../adapters/aws/grants-table';
import { readPublicKey } from '../../adapters/aws/kms-public-key';
import { PolicyTable } from '../../adapters/aws/policy-table';
import { RevocationBrakeRow } from '../../adapters/aws/revocation-brake';
import { SqsQueue } from '../../adapters/aws/sqs-queue';
import { TrustRegister } from '../../adapters/aws/trust-register';
import { WaiversInRegister } from '../../adapters/aws/used-waivers';
import type { Caller } from '../../adapters/caller';
import { EnvironmentName } from '../../src/core/environment';
import { imageOf, type ImageName } from '../../src/core/image/image';
import { Limit } from '../../src/core/limits';
import { PolicyRow } from '../../src/core/policy/policy-table';
import type { ScanRequest } from '../../src/core/scanning/scan-request';
import type { PinnedKeys } from '../../src/core/signing/pinned-keys';
import type { VerificationKey } from '../../src/core/signing/verification-key';
import { plainText } from '../../src/core/text/plain-text';
import { UserError } from '../../src/core/user-error';

/** The resources of a deployed trust, each opened when it is needed. */
export class Connection {
  /** @param image that is asked about: its trust is in the same region, whatever the environment says */
  public static async open(
    { stack, trust }: { readonly stack?: string; readonly trust?: string },
    cli: Caller,
    image?: ImageName,
  ): Promise<Connection> {
    const region = image === undefined ? undefined : imageOf(image).region;
    const found = await findTrust(
      { stack, trust, region, environment: cli.environment },
      new CloudFormationStacks(clientOptions(cli, region)),
    );
    return new Connection(found, cli);
  }

  private constructor(
    public readonly trust: DeployedTrust,
    private readonly cli: Caller,
  ) {}

  public get register(): TrustRegister {
    return new TrustRegister(partOf(this.trust, 'register'), new DynamoDBClient(this.options));
  }

  public get waiversInRegister(): WaiversInRegister {
    return new WaiversInRegister(partOf(this.trust, 'register'), new DynamoDBClient(this.options));
  }

  public get bases(): BasesRow {
    return new BasesRow(partOf(this.trust, 'register'), [], new DynamoDBClient(this.options));
  }

  public get findings(): FindingsQuery {
    return new FindingsQuery(partOf(this.trust, 'findings'), new DynamoDBClient(this.options));
  }

  public get evidence(): EvidenceBucket {
    return new EvidenceBucket(partOf(this.trust, 'evidence'), new S3Client(this.options));
  }

  public get policies(): { policy(): ReturnType<PolicyTable['current']> } {
    const pointer = new PolicyTable(
      partOf(this.trust, 'policies'),
      PolicyRow.current,
      new DynamoDBClient(this.options),
    );
    return { policy: () => pointer.current() };
  }

  public get waivers(): PolicyTable {
    return new PolicyTable(
      partOf(this.trust, 'policies'),
      PolicyRow.waivers,
      new DynamoDBClient(this.options),
    );
  }

  public get requests(): SqsQueue<ScanRequest> {
    return new SqsQueue(partOf(this.trust, 'scanRequests'), new SQSClient(this.options));
  }

  /** All queues of the trust. */
  public get queues(): NamedQueue[] {
    return this.trust.resources
      .filter(({ type }) => type === 'AWS::SQS::Queue')
      .map(({ logicalId, physicalId }) => ({ name: logicalId, url: physicalId }));
  }

  public get deadLetterQueues(): DeadLetterQueues {
    return new DeadLetterQueues(new SQSClient(this.options));
  }

  public get grants(): GrantsTable {
    return new GrantsTable(partOf(this.trust, 'grants'), new DynamoDBClient(this.options));
  }

  /** The function that grants, by its URL. */
  public get granter(): FunctionUrl {
    partOf(this.trust, 'grants');
    return this.functionUrl(EnvironmentName.grantAccounts, 'the function that grants');
  }

  /** The function that releases the brake, by its URL. */
  public get brakeReleaser(): FunctionUrl {
    const name = 'the function that releases the brake, which revocationBrake of ImageTrust adds';
    return this.functionUrl(EnvironmentName.revocationBrake, name);
  }

  public get brake(): RevocationBrakeRow {
    return new RevocationBrakeRow(partOf(this.trust, 'register'), new DynamoDBClient(this.options));
  }

  public get keys(): { all(): Promise<VerificationKey[]> } {
    partOf(this.trust, 'signingKey');
    return { all: () => readKeys(this.trust.pinned, this.cli) };
  }

  private functionUrl(variable: string, name: string): FunctionUrl {
    const url = calledByUrl(this.trust.resources, variable);
    if (url === undefined) {
      throw new UserError(
        `the stack ${plainText(this.trust.stack, 300)} has no URL of ${name}: deploy it again`,
      );
    }
    const { AWS_ENDPOINT_URL_LAMBDA, AWS_ENDPOINT_URL } = this.cli.environment;
    const endpoint = AWS_ENDPOINT_URL_LAMBDA ?? AWS_ENDPOINT_URL;
    return new FunctionUrl(url.physicalId, new LambdaClient(this.options), endpoint);
  }

  private get options() {
    return clientOptions(this.cli, this.trust.region);
  }
}

/** Public keys by their ARNs, each asked for in its own region. */
export async function readKeys(pinned: PinnedKeys, cli: Caller): Promise<VerificationKey[]> {
  const keys = await Promise.all(
    pinned.map(async each => {
      const key = await readPublicKey(each, new KMSClient(clientOptions(cli, each.arn.split(':')[3])));
      if (!('gone' in key)) return [key];
      cli.out.note(
        `the key ${each.arn} was disabled or deleted, so nothing that it signed is believed (${plainText(key.gone.message, 300)})`,
      );
      return [];
    }),
  );
  return keys.flat();
}

export function registryOf(
  image: { readonly account: string; readonly region: string; readonly repository: string },
  cli: Caller,
): EcrRegistry {
  return new EcrRegistry(image, new ECRClient(clientOptions(cli, image.region)));
}

/** The digest is that of the manifest's own bytes. */
export function tagResolver(cli: Caller): ResolveTag {
  return async ({ tag, ...repository }) => {
    const manifest = await registryOf(repository, cli).find({ imageTag: tag }, Limit.manifestBytes);
    return manifest?.digest;
  };
}
