import { CfnOutput, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import {
  EmergencyAccess,
  ImagePolicy,
  ImageTrust,
  Importer,
  PolicyRule,
  RepositorySelector,
} from '../../../../src';
import { signingByYear } from '../signing-by-year';

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

/** The app of the team that runs the trust of this name, with a key that is replaced. */
export function platformStack(
  scope: Construct,
  name: string,
  { year, former, label, importer, forwarded }: Platform,
): Stack {
  const platform = new Stack(scope, 'Platform', { stackName: `ImportPlatform-${name}` });
  const trust = new ImageTrust(platform, 'Trust', {
    repositories: [
      RepositorySelector.prefix(`${name}/`),
      ...(forwarded === undefined ? [] : [ofOtherAccount(forwarded)]),
    ],
    publishedAs: name,
    emergencyAccess: EmergencyAccess.BREAK_GLASS,
    importers: importer === undefined ? [] : [importerOf(importer)],
    policy: ImagePolicy.of({
      name: 'platform',
      rules: [
        PolicyRule.vulnerabilities(),
        PolicyRule.coverage(),
        ...(label === undefined ? [] : [PolicyRule.requiredLabels([label])]),
      ],
    }),
    signing: signingByYear(platform, name, { year: String(year), former }),
    removalPolicy: RemovalPolicy.DESTROY,
  });
  new CfnOutput(platform, 'Register', { value: trust.register.table.tableName });
  new CfnOutput(platform, 'OwnRequests', { value: trust.scanner.requests.queueUrl });
  return platform;
}

function ofOtherAccount(repository: string): RepositorySelector {
  const [account, ...name] = repository.split('/');
  return RepositorySelector.name(name.join('/')).inAccount(account!);
}

function importerOf(id: string): Importer {
  return id.startsWith('o-') ? Importer.organization(id) : Importer.account(id);
}
