import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import type { ChosenPolicy } from './chosen-policy';
import { asking } from '../../adapters/aws/aws-error';
import { BasesRow } from '../../adapters/aws/bases-row';
import { clientOptions } from '../../adapters/aws/client-options';
import { EvidenceBucket } from '../../adapters/aws/evidence-bucket';
import { policyPointers } from '../../adapters/aws/policy-table';
import { TrustRegister } from '../../adapters/aws/trust-register';
import type { Caller } from '../../adapters/caller';
import { plainText } from '../../src/core/text/plain-text';
import { UserError } from '../../src/core/user-error';
import { NO_WAIVERS } from '../../src/core/waivers/active-waivers';
import { deployedDocument } from '../deployed-trust/deployed-document';
import { CloudFormationStacks, type StackReader } from '../deployed-trust/deployed-stack';
import { findTrust, partOf } from '../deployed-trust/find-trust';
import type { KnownThere } from '../evaluation/split-base';
import { POLICY, WAIVERS, type EvidenceReader } from '../policy/active-document';
import type { Pointers } from '../policy/active-policy';

/** What a deployed trust is asked: which documents are active, and what they say. */
export interface DeployedPolicy {
  readonly stacks: StackReader;
  pointers(table: string, region: string): Pointers;
  evidence(bucket: string, region: string): EvidenceReader;
  /** Nothing of it is read before a page is written. */
  register(table: string, region: string): Pick<KnownThere, 'bases' | 'register'>;
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
  const { register } = found.parts;
  const set = await deployedDocument(POLICY, policy, evidence);
  const waivers =
    accepted === undefined
      ? NO_WAIVERS
      : {
          revision: accepted.revision,
          sha256: accepted.sha256,
          waivers: await deployedDocument(WAIVERS, accepted, evidence),
        };
  return {
    title: `the policy of the stack ${plainText(stack, 300)}, revision ${policy.revision}`,
    set,
    policy: { revision: policy.revision, sha256: policy.sha256 },
    waivers,
    ...(register !== undefined && { known: { ...deployed.register(register, found.region), evidence } }),
  };
}

function onAws(cli: Caller): DeployedPolicy {
  return {
    stacks: new CloudFormationStacks(clientOptions(cli)),
    pointers: (table, region) => policyPointers(table, new DynamoDBClient(clientOptions(cli, region))),
    register: (table, region) => {
      const client = new DynamoDBClient(clientOptions(cli, region));
      return { bases: new BasesRow(table, [], client), register: new TrustRegister(table, client) };
    },
    evidence: (bucket, region) => new EvidenceBucket(bucket, new S3Client(clientOptions(cli, region))),
  };
}
