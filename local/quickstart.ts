import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudFormation } from '@aws-sdk/client-cloudformation';
import { bootstrap, cdk } from './cloud/cdk';
import type { CloudDescription, EmbeddedCloud } from './cloud/description';
import { ensureRepository } from './cloud/repositories';
import type { Progress } from './progress';
import { buildDatabase } from './vulnerability-database/database';
import { pushDatabase, pushJavaDatabase } from './vulnerability-database/database-artifact';
import { buildJavaDatabase } from './vulnerability-database/java-database';

export const STACK = 'Quickstart';
export const SERVICE = 'Service';
export const QUICKSTART = join(__dirname, '..', 'examples', 'quickstart');
/** With break-glass, which the example leaves out. */
export const WITH_BREAK_GLASS = '--app=npx tsx with-break-glass.ts';

/** The names that people need of the stack, and scripts find in `local:env`. */
export interface QuickstartOutputs {
  readonly RegisterTableName: string;
  readonly FindingsTableName: string;
  readonly EvidenceBucketName: string;
  readonly AlertsTopicArn: string;
  readonly SigningKeyAlias: string;
}

export type Facts = NonNullable<Parameters<typeof buildDatabase>[1]['extra']>;

/**
 * The cloud as a reader of the quickstart would have it: Trivy's databases in the registry, the CDK's own
 * stack, the quickstart.
 */
export async function prepareQuickstart(
  cloud: EmbeddedCloud,
  progress: Progress,
  extra?: Facts,
): Promise<QuickstartOutputs> {
  await progress.step('vulnerability database', () => serveDatabases(cloud, extra));
  await progress.step('cdk bootstrap', () => bootstrap(cloud));
  return deployQuickstart(cloud, progress);
}

export async function deployQuickstart(
  cloud: CloudDescription,
  progress: Progress,
): Promise<QuickstartOutputs> {
  await progress.step('cdk deploy', () =>
    cdk(cloud, ['deploy', STACK, WITH_BREAK_GLASS, '--require-approval=never', '--progress=events'], {
      cwd: QUICKSTART,
    }),
  );
  return quickstartOutputs(cloud);
}

/**
 * What runs: it is deployed if the image under this tag is trusted. An error carries what the stack's events
 * say.
 */
export async function deployService(cloud: CloudDescription, tag: string): Promise<void> {
  await cdk(
    cloud,
    [
      'deploy',
      SERVICE,
      WITH_BREAK_GLASS,
      '--exclusively',
      '--require-approval=never',
      '--progress=events',
      '-c',
      `tag=${tag}`,
    ],
    { cwd: QUICKSTART },
  );
}

export async function quickstartOutputs({
  endpoint,
  region,
  credentials,
}: CloudDescription): Promise<QuickstartOutputs> {
  const { Stacks } = await new CloudFormation({ endpoint, region, credentials }).describeStacks({
    StackName: STACK,
  });
  // those are for the other stack
  const isOurs = ({ OutputKey }: { OutputKey?: string }) =>
    !/^(?:ExportsOutput|PublishOutput|PinnedKey)/.test(OutputKey!);
  const outputs = Object.fromEntries(
    (Stacks?.[0]?.Outputs ?? []).filter(isOurs).map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]),
  );
  return outputs as unknown as QuickstartOutputs;
}

/**
 * Where Trivy looks by default: `public.ecr.aws/aquasecurity/…`, which the embedded cloud serves from its own
 * registry.
 */
export async function serveDatabases(
  cloud: EmbeddedCloud,
  extra?: Facts,
  updatedAt = new Date(),
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'trivy-db-'));
  try {
    await buildDatabase(join(folder, 'db'), { updatedAt, extra });
    await buildJavaDatabase(join(folder, 'java-db'), { updatedAt });
    for (const repository of ['aquasecurity/trivy-db', 'aquasecurity/trivy-java-db']) {
      await ensureRepository(cloud, repository);
    }
    await pushDatabase(cloud.endpoint, join(folder, 'db'));
    await pushJavaDatabase(cloud.endpoint, join(folder, 'java-db'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
