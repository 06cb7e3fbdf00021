import { join } from 'node:path';
import { App, Stage, type Stack } from 'aws-cdk-lib';
import { platformStack, type Platform } from './apps/import-platform/platform-stack';
import { teamStack, type Import, type Team } from './apps/import-team/team-stack';
import { cloud, emulator, type CloudClient } from './cloud';
import { deploy } from './cloud-fixtures';
import { eventually } from './eventually';
import { documents, nameOf } from './quickstart';
import { awsClients, type AwsClients, type Credentials } from '../../local/cloud/aws-clients';
import { bootstrap, cdk, contextOf } from '../../local/cloud/cdk';
import { RegisterRow } from '../../src/core/register/row';
import { Importers, IMPORTERS_KEY, NO_IMPORTERS } from '../../src/core/sharing/importers';

/** The apps of two teams, around a trust of this name. */
export class TwoTeams {
  constructor(public readonly name: string) {}

  public get platformStack(): string {
    return `ImportPlatform-${this.name}`;
  }

  public platform(platform: Platform, ...args: string[]): Promise<string> {
    return cdk(cloud(), args.length === 0 ? ['deploy', '--require-approval=never'] : args, {
      cwd: join(__dirname, 'apps', 'import-platform'),
      environment: { NAME: this.name, PLATFORM: JSON.stringify(platform) },
    });
  }

  /** Both stacks of the app's team. */
  public team(team: Team, ...args: string[]): Promise<string> {
    const [command, ...options] = args.length === 0 ? ['deploy', '--require-approval=never'] : args;
    return cdk(cloud(), [command!, 'Production/**', ...options], {
      cwd: join(__dirname, 'apps', 'import-team'),
      environment: { NAME: this.name, TEAM: JSON.stringify(team) },
    });
  }

  /**
   * The next deployment of a stack that the CDK's command line deployed. It would start two programs for a
   * template that differs in a few words, and whose files are published.
   */
  public async updatePlatform(platform: Platform): Promise<void> {
    await update(platformStack(this.app(), this.name, platform));
  }

  /** The same for one of the two stacks of the app's team. */
  public async updateTeam(by: Import, team: Team): Promise<void> {
    await update(teamStack(new Stage(this.app(), 'Production'), by, this.name, team));
  }

  private app(): App {
    return new App({ context: contextOf(cloud()) });
  }

  public async key(year: number): Promise<string> {
    return (await cloud().kms.describeKey({ KeyId: `alias/${this.name}-${year}` })).KeyMetadata!.Arn!;
  }

  /** What the platform's stack says to everybody. */
  public outputs(): Promise<Record<string, string>> {
    return outputsOf(this.platformStack);
  }
}

async function update(stack: Stack): Promise<void> {
  const assembly = Stage.of(stack)!.synth();
  await deploy(assembly.getStackArtifact(stack.artifactId).template as object, stack.stackName);
}

/** The administrator of another account of the embedded cloud, ready for the CDK. Once in a run for each. */
export async function otherAccount(account: string, region: string): Promise<CloudClient> {
  const { accessKeyId, secretAccessKey } = (await emulator().admin('accounts', {
    account,
    region,
  })) as Credentials;
  const description = { ...cloud(), account, region, credentials: { accessKeyId, secretAccessKey } };
  await bootstrap(description);
  return { ...description, ...awsClients(description) };
}

export async function outputsOf(
  StackName: string,
  { cloudformation }: Pick<AwsClients, 'cloudformation'> = cloud(),
): Promise<Record<string, string>> {
  const { Stacks } = await cloudformation.describeStacks({ StackName });
  return Object.fromEntries(Stacks![0]!.Outputs!.map(each => [each.OutputKey!, each.OutputValue!]));
}

export async function rowOf(TableName: string, pk: string): Promise<RegisterRow> {
  const { Item } = await documents().get({ TableName, Key: { pk }, ConsistentRead: true });
  return RegisterRow.parse(Item);
}

/** Waits until a trust knows so many stacks as its importers. */
export async function untilImporters(TableName: string, count: number): Promise<void> {
  await eventually(`${count} importers`, async () => {
    const { Item } = await documents().get({ TableName, Key: { pk: IMPORTERS_KEY }, ConsistentRead: true });
    const { stacks } = Importers.safeParse(Item).data ?? NO_IMPORTERS;
    return Object.keys(stacks).length === count ? true : undefined;
  });
}

/** True once a later verdict refuses the image. */
export async function isRevoked(
  register: string,
  repository: string,
  digest: string,
): Promise<true | undefined> {
  const { verdict } = await rowOf(register, nameOf(repository, digest));
  return verdict?.outcome === 'FAIL' ? true : undefined;
}
