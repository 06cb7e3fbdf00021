import type { Command } from 'commander';
import { usageError } from '../../src/core/user-error';
import type { ScanOptions } from '../../use-cases/image-scan/options';
import type { ScanDockerfileOptions } from '../scan/scan-dockerfile';
import type { ScanManifestsOptions } from '../scan/scan-manifests';
import type { Cli } from '../shell/cli';

const listed = (value: string, values: string[] = []) => [...values, value];

export function addScan(program: Command, cli: Cli): void {
  program
    .command('scan')
    .description(
      'scan an image on this machine, and judge it as a stack would: 0 passes, 1 is refused, 2 indeterminate',
    )
    .argument(
      '[image]',
      'a folder with an OCI layout, a tar, docker:NAME in the local Docker, or an image in a registry',
    )
    .option(
      '--dockerfile <file>',
      'check this Dockerfile instead of an image; with --target, --build-arg, --json, --sarif and --trivy, and no other option',
    )
    .option('--target <stage>', 'with --dockerfile: the stage that becomes the image (default: the last one)')
    .option(
      '--build-arg <name=value>',
      'with --dockerfile: the value of an ARG, as docker build gets it; repeatable',
      listed,
    )
    .option(
      '--manifests <folder>',
      'check the Kubernetes manifests, Helm charts and kustomizations of this folder instead of an image',
    )
    .option(
      '--enrolled <repository>',
      'with --manifests: a repository with its registry that is enrolled, or the start of some with "/" at its end; other images and tags are refused; repeatable',
      listed,
    )
    .option('--helm-values <file>', 'with --manifests: values for the charts; repeatable', listed)
    .option('--policy <file>', 'trusted-images.yaml (default: ImagePolicy.standard())')
    .option('--from-stack <name>', 'the policy and waivers that a stack has active now')
    .option('--trust <id>', 'with --from-stack: which trust, if the stack has several')
    .option(
      '--repository <name>',
      'judge it as an image of this repository, for example team/app (default: its own, in Amazon ECR)',
    )
    .option('--severity <list>', 'show only findings of these severities; the outcome stays the same')
    .option(
      '--scanners <list>',
      'search only for these: vuln, secret, misconfig; without a search, its rules never pass',
    )
    .option(
      '--secret-search <where>',
      'application, or everywhere: also in what distributions bring along (default: application)',
    )
    .option('--sarif <file>', 'write the findings as SARIF 2.1.0; - prints them')
    .option('--json <file>', 'write the whole answer as JSON; - prints it')
    .option('--html <file>', 'write a report for people: one page that needs no network')
    .option('--sbom <file>', 'write the packages as CycloneDX')
    .option('--trivy <program>', 'which Trivy (default: the one on PATH)')
    .option('--cache-dir <folder>', "folder of Trivy's databases (default: ~/.cache/trusted-images)")
    .option(
      '--db-repository <reference>',
      'where the vulnerability database is downloaded from; repeatable',
      listed,
    )
    .option(
      '--java-db-repository <reference>',
      'where the Java database is downloaded from; repeatable',
      listed,
    )
    .option('--skip-db-update', 'do not update the databases')
    .option('--timeout <seconds>', 'for each platform (default: 900)')
    .action(
      async (
        image: string | undefined,
        { dockerfile, target, buildArg, manifests, enrolled, helmValues, ...options }: AllOptions,
      ) => {
        if ([image, dockerfile, manifests].filter(each => each !== undefined).length > 1) {
          throw usageError(
            'scan takes an image, --dockerfile or --manifests, only one of them; run it for each',
          );
        }
        refuseOthers('--dockerfile', dockerfile, { target, buildArg });
        refuseOthers('--manifests', manifests, { enrolled, helmValues });
        if (dockerfile !== undefined) {
          const { json, sarif, trivy, ...others } = options;
          refuseAll('--dockerfile', others, '--target, --build-arg, --json, --sarif and --trivy');
          const { scanDockerfile } = await import('../scan/scan-dockerfile.js');
          cli.endWith(await scanDockerfile(dockerfile, { target, buildArg, json, sarif, trivy }, cli));
        } else if (manifests !== undefined) {
          const { policy, fromStack, trust, repository, severity, json, sarif, trivy, ...others } = options;
          refuseAll(
            '--manifests',
            others,
            '--enrolled, --helm-values, --policy, --from-stack, --trust, --repository, --severity, --json, --sarif and --trivy',
          );
          const { scanManifestsOf } = await import('../scan/scan-manifests.js');
          const given = {
            policy,
            fromStack,
            trust,
            repository,
            severity,
            json,
            sarif,
            trivy,
            enrolled,
            helmValues,
          };
          cli.endWith(await scanManifestsOf(manifests, given, cli));
        } else if (image === undefined) {
          throw usageError('scan needs an image, --dockerfile <file> or --manifests <folder>');
        } else {
          return (await import('../scan/scan.js')).scan(image, options, cli);
        }
      },
    );
}

/** Options that go with another one only. */
function refuseOthers(needed: string, given: string | undefined, options: object): void {
  const [other] = namesOf(options);
  if (given === undefined && other !== undefined) throw usageError(`--${other} goes with ${needed} only`);
}

function refuseAll(what: string, others: object, allowed: string): void {
  const [other] = namesOf(others);
  if (other !== undefined) throw usageError(`--${other} does not go with ${what}, allowed: ${allowed}`);
}

function namesOf(options: object): string[] {
  return Object.entries(options).flatMap(([name, value]) => (value === undefined ? [] : [kebabCase(name)]));
}

function kebabCase(name: string): string {
  return name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`);
}

interface AllOptions
  extends
    ScanOptions,
    Pick<ScanDockerfileOptions, 'target' | 'buildArg'>,
    Pick<ScanManifestsOptions, 'enrolled' | 'helmValues'> {
  readonly dockerfile?: string;
  readonly manifests?: string;
}
