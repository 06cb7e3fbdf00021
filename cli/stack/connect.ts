import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ECRClient } from '@aws-sdk/client-ecr';
import { KMSClient } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { clientOptions } from './client-options';
import { CloudFormationStacks } from './deployed-stack';
import { findTrust, partOf, type DeployedTrust } from './find-trust';
import { FindingsQuery } from './findings-query';
import type { ResolveTag } from './image-argument';
import type { AskOptions } from './options';
import { EcrRegistry } from '../../lambda/adapters/ecr-registry';
import { EvidenceBucket } from '../../lambda/adapters/evidence-bucket';
import { readPublicKey } from '../../lambda/adapters/kms-public-key';
import { PolicyRegister } from '../../lambda/adapters/policy-register';
import { SqsQueue } from '../../lambda/adapters/sqs-queue';
import { TrustRegister } from '../../lambda/adapters/trust-register';
import { Limit } from '../../src/core/limits';
import { PolicyRow } from '../../src/core/policy/policy-row';
import type { ScanRequest } from '../../src/core/scanning/scan-request';
import { digestOf } from '../../src/core/trust/oci-artefact';
import type { PinnedKeys } from '../../src/core/trust/pinned-keys';
import type { VerificationKey } from '../../src/core/trust/verification-key';
import type { Cli } from '../cli';
import { shown } from '../output';

/** The rooms of a deployed trust, each opened when it is needed. */
export class Connection {
  public static async open({ stack, trust }: AskOptions, cli: Cli): Promise<Connection> {
    const found = await findTrust(
      { stack, trust, environment: cli.environment },
      new CloudFormationStacks(clientOptions(cli)),
    );
    return new Connection(found, cli);
  }

  private constructor(
    public readonly trust: DeployedTrust,
    private readonly cli: Cli,
  ) {}

  public get register(): TrustRegister {
    return new TrustRegister(partOf(this.trust, 'register'), new DynamoDBClient(this.options));
  }

  public get findings(): FindingsQuery {
    return new FindingsQuery(partOf(this.trust, 'findings'), new DynamoDBClient(this.options));
  }

  public get evidence(): EvidenceBucket {
    return new EvidenceBucket(partOf(this.trust, 'evidence'), new S3Client(this.options));
  }

  public get policies(): { policy(): ReturnType<PolicyRegister['current']> } {
    const pointer = new PolicyRegister(
      partOf(this.trust, 'policies'),
      PolicyRow.current,
      new DynamoDBClient(this.options),
    );
    return { policy: () => pointer.current() };
  }

  public get waivers(): PolicyRegister {
    return new PolicyRegister(
      partOf(this.trust, 'policies'),
      PolicyRow.waivers,
      new DynamoDBClient(this.options),
    );
  }

  public get requests(): SqsQueue<ScanRequest> {
    return new SqsQueue(partOf(this.trust, 'scanRequests'), new SQSClient(this.options));
  }

  public get keys(): { all(): Promise<VerificationKey[]> } {
    partOf(this.trust, 'signingKey');
    return { all: () => readKeys(this.trust.pinned, this.cli) };
  }

  private get options() {
    return clientOptions(this.cli, this.trust.region);
  }
}

/** Public keys by their ARNs, each asked for in its own region. */
export async function readKeys(pinned: PinnedKeys, cli: Cli): Promise<VerificationKey[]> {
  const keys = await Promise.all(
    pinned.map(async each => {
      const key = await readPublicKey(each, new KMSClient(clientOptions(cli, each.arn.split(':')[3])));
      if (!('gone' in key)) return [key];
      cli.out.note(
        `the key ${each.arn} was disabled or deleted, so nothing that it signed is believed (${shown(key.gone.message)})`,
      );
      return [];
    }),
  );
  return keys.flat();
}

export function registryOf(
  image: { readonly account: string; readonly region: string; readonly repository: string },
  cli: Cli,
): EcrRegistry {
  return new EcrRegistry(image, new ECRClient(clientOptions(cli, image.region)));
}

/** The digest is that of the manifest's own bytes. */
export function tagResolver(cli: Cli): ResolveTag {
  return async ({ tag, ...repository }) => {
    const manifest = await registryOf(repository, cli).find({ imageTag: tag }, Limit.manifestBytes);
    return manifest === undefined ? undefined : digestOf(manifest.text);
  };
}
