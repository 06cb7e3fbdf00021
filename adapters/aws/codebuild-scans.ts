import {
  AccountLimitExceededException,
  BatchGetBuildsCommand,
  CodeBuildClient,
  StartBuildCommand,
} from '@aws-sdk/client-codebuild';
import { isThrottling } from './passing-error';
import { Build, ScanVariable } from '../../src/core/scanning/provenance';

export interface ScanBuild {
  readonly scanId: string;
  readonly image: string;
  readonly reference: string;
}

export class CodeBuildScans {
  constructor(
    private readonly project: string,
    private readonly evidenceBucket: string,
    private readonly client = new CodeBuildClient({}),
  ) {}

  /**
   * `full`: as many builds run as may. `busy`: it throttles, or has an error of its own. `none`: it takes no
   * builds of this account. Asked twice with one scan id within five minutes, it answers with one build.
   */
  public async start({
    scanId,
    image,
    reference,
  }: ScanBuild): Promise<{ buildId: string } | 'full' | 'busy' | { none: string }> {
    try {
      const { build } = await this.client.send(
        new StartBuildCommand({
          projectName: this.project,
          idempotencyToken: scanId,
          environmentVariablesOverride: Object.entries({
            [ScanVariable.scanId]: scanId,
            [ScanVariable.image]: image,
            [ScanVariable.reference]: reference,
          }).map(([name, value]) => ({ name, value, type: 'PLAINTEXT' as const })),
          artifactsOverride: {
            type: 'S3',
            location: this.evidenceBucket,
            path: 'incoming',
            name: scanId,
            namespaceType: 'NONE',
            packaging: 'NONE',
          },
        }),
      );
      return { buildId: build!.id! };
    } catch (error) {
      if (error instanceof AccountLimitExceededException) {
        return NO_BUILDS.test(error.message) ? { none: error.message } : 'full';
      }
      // it says nothing of how many builds may run (rule 4.7, backpressure and dead letters)
      if (isThrottling(error)) return 'busy';
      throw error;
    }
  }

  public async get(buildId: string): Promise<Build | undefined> {
    const { builds } = await this.client.send(new BatchGetBuildsCommand({ ids: [buildId] }));
    const [build] = builds ?? [];
    return build === undefined ? undefined : Build.parse(build);
  }
}

/**
 * "Cannot have more than 0 builds in queue for the account". A new account may run no builds until somebody
 * asks for it, so waiting does not help. With any other number it does.
 */
const NO_BUILDS = /more than 0 (?:active )?builds/;
