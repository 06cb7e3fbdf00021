import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import type { ChosenPolicy } from './policy-set';
import { asking } from '../../adapters/aws/aws-error';
import { clientOptions } from '../../adapters/aws/client-options';
import { EvidenceBucket } from '../../adapters/aws/evidence-bucket';
import { PolicyTable } from '../../adapters/aws/policy-table';
import type { Caller } from '../../adapters/caller';
import { policyKey, waiversKey } from '../../src/core/evidence/evidence-keys';
import { Limit } from '../../src/core/limits';
import { readPolicySet } from '../../src/core/policy/policy-set';
import { PolicyRow } from '../../src/core/policy/policy-table';
import type { Result } from '../../src/core/result';
import { plainText } from '../../src/core/text/plain-text';
import { sha256Of } from '../../src/core/text/sha256';
import { UserError } from '../../src/core/user-error';
import { NO_WAIVERS } from '../../src/core/waivers/active-waivers';
import { parseWaivers } from '../../src/core/waivers/document';
import { CloudFormationStacks, type StackReader } from '../deployed-trust/deployed-stack';
import { findTrust, partOf } from '../deployed-trust/find-trust';

interface Pointer {
  readonly revision: number;
  readonly sha256: string;
  readonly versionId?: string | undefined;
}

/** What a deployed trust is asked: which documents are active, and what they say. */
export interface DeployedPolicy {
  readonly stacks: StackReader;
  pointers(
    table: string,
    region: string,
  ): { policy(): Promise<Pointer | undefined>; waivers(): Promise<Pointer | undefined> };
  evidence(
    bucket: string,
    region: string,
  ): { read(key: string, maxBytes: number): Promise<Uint8Array | undefined> };
}

interface StackQuestion {
  readonly stack: string;
  readonly trust: string | undefined;
  readonly environment: Caller['environment'];
}

export function policyOfStack(stack: string, trust: string | undefined, cli: Caller): Promise<ChosenPolicy> {
  return asking(() => readDeployed({ stack, trust, environment: cli.environment }, onAws(cli)));
}

/** The policy and the waivers that judge in a stack now: the same documents that its evaluator reads. */
export async function readDeployed(
  { stack, trust, environment }: StackQuestion,
  deployed: DeployedPolicy,
): Promise<ChosenPolicy> {
  const found = await findTrust(
    { stack, environment, ...(trust !== undefined && { trust }) },
    deployed.stacks,
  );
  const pointers = deployed.pointers(partOf(found, 'policies'), found.region);
  const evidence = deployed.evidence(partOf(found, 'evidence'), found.region);
  const [policy, accepted] = await Promise.all([pointers.policy(), pointers.waivers()]);
  if (policy === undefined) {
    throw new UserError(`the stack ${plainText(stack, 300)} has no active policy: deploy it in full`);
  }
  const documents = new Documents(evidence);
  const set = await documents.read('policy', policyKey, policy, readPolicySet);
  const waivers =
    accepted === undefined
      ? undefined
      : await documents.read('waiver list', waiversKey, accepted, parseWaivers);
  return {
    title: `the policy of the stack ${plainText(stack, 300)}, revision ${policy.revision}`,
    set,
    policy: { revision: policy.revision, sha256: policy.sha256 },
    waivers:
      accepted === undefined || waivers === undefined
        ? NO_WAIVERS
        : { revision: accepted.revision, sha256: accepted.sha256, waivers },
  };
}

/** Documents of the evidence, each of which is what its name says. */
class Documents {
  constructor(private readonly evidence: ReturnType<DeployedPolicy['evidence']>) {}

  public async read<T>(
    what: string,
    key: (sha256: string) => string,
    { sha256 }: Pointer,
    parse: (text: string) => Result<T, string[]>,
  ): Promise<T> {
    const bytes = await this.evidence.read(key(sha256), Limit.policyBytes);
    if (bytes === undefined || sha256Of(bytes) !== sha256) {
      throw new UserError(
        `the ${what} ${sha256} is not in the evidence bucket, or is not what its name says: look for who changed it`,
      );
    }
    const parsed = parse(new TextDecoder().decode(bytes));
    if (parsed.ok) return parsed.value;
    const why = plainText(parsed.error.join('; '), 400);
    throw new UserError(
      `the ${what} of the stack is not valid for this version: ${why}; take the version of the command line that the stack was deployed with`,
    );
  }
}

function onAws(cli: Caller): DeployedPolicy {
  return {
    stacks: new CloudFormationStacks(clientOptions(cli)),
    pointers: (table, region) => {
      const client = new DynamoDBClient(clientOptions(cli, region));
      const row = (name: typeof PolicyRow.current | typeof PolicyRow.waivers) => () =>
        new PolicyTable(table, name, client).current();
      return { policy: row(PolicyRow.current), waivers: row(PolicyRow.waivers) };
    },
    evidence: (bucket, region) => new EvidenceBucket(bucket, new S3Client(clientOptions(cli, region))),
  };
}
