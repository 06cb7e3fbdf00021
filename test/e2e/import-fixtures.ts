import { join } from 'node:path';
import { cloud, emulator, type CloudClient } from './cloud';
import { eventually } from './eventually';
import { documents, nameOf } from './quickstart';
import { awsClients, type AwsClients, type Credentials } from '../../local/cloud/aws-clients';
import { bootstrap, cdk } from '../../local/cloud/cdk';
import { RegisterRow } from '../../src/core/register/row';
import { Importers, IMPORTERS_KEY, NO_IMPORTERS } from '../../src/core/sharing/importers';

/**
 * How the platform's team deploys its app: which key signs, which one gates still believe, which label images
 * need, which other account or organization may ask, and which repository of another account is enrolled.
 */
export interface Platform {
  readonly year: number;
  readonly former?: string;
  readonly label?: string;
  readonly importer?: string;
  /** `<account>/<name>` */
  readonly forwarded?: string;
}

/** How an app's team deploys. */
export interface Team {
  readonly by: 'stack' | 'parameters';
  readonly tag: string;
  readonly repository: string;
  readonly keys?: readonly string[];
}

/** The apps of two teams, around a trust of this name. */
export class TwoTeams {
  constructor(public readonly name: string) {}

  public get platformStack(): string {
    return `ImportPlatform-${this.name}`;
  }

  public platform(
    { year, former, label, importer, forwarded }: Platform,
    ...args: string[]
  ): Promise<string> {
    return cdk(cloud(), args.length === 0 ? ['deploy', '--require-approval=never'] : args, {
      cwd: join(__dirname, 'apps', 'import-platform'),
      environment: {
        NAME: this.name,
        YEAR: String(year),
        ...(former !== undefined && { FORMER: former }),
        ...(label !== undefined && { LABEL: label }),
        ...(importer !== undefined && { IMPORTER: importer }),
        ...(forwarded !== undefined && { FORWARDED: forwarded }),
      },
    });
  }

  public team({ by, tag, repository, keys }: Team, ...args: string[]): Promise<string> {
    const command = args.length === 0 ? ['deploy', '--require-approval=never'] : args;
    return cdk(cloud(), [command[0]!, 'Production/**', ...command.slice(1)], {
      cwd: join(__dirname, 'apps', 'import-team'),
      environment: {
        NAME: this.name,
        BY: by,
        TAG: tag,
        REPOSITORY: repository,
        ...(keys !== undefined && { KEYS: keys.join(',') }),
      },
    });
  }

  public async key(year: number): Promise<string> {
    return (await cloud().kms.describeKey({ KeyId: `alias/${this.name}-${year}` })).KeyMetadata!.Arn!;
  }

  /** What the platform's stack says to everybody. */
  public outputs(): Promise<Record<string, string>> {
    return outputsOf(this.platformStack);
  }
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

/** What the command line says of a deployment that fails. It breaks lines where it likes. */
export async function refusalOf(deployment: Promise<string>): Promise<string> {
  const said = await deployment.then(
    () => 'deployed',
    (error: Error) => error.message,
  );
  return said.replace(/\s+/g, ' ');
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
