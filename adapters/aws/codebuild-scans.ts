import {
  AccountLimitExceededException,
  BatchGetBuildsCommand,
  CodeBuildClient,
  CodeBuildServiceException,
  StartBuildCommand,
} from '@aws-sdk/client-codebuild';
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
   * `busy`: CodeBuild takes no more builds now. `none`: it takes none of this account. Asked twice with one
   * scan id within five minutes, it answers with one build.
   */
  public async start({
    scanId,
    image,
    reference,
  }: ScanBuild): Promise<{ buildId: string } | 'busy' | { none: string }> {
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
      if (error instanceof AccountLimitExceededException && NO_BUILDS.test(error.message)) {
        return { none: error.message };
      }
      if (isBusy(error)) return 'busy';
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

/**
 * AccountLimitExceededException is a 400: EventBridge would drop it at once, so the queue waits instead (rule
 * 4.7, backpressure and dead letters).
 */
function isBusy(error: unknown): boolean {
  if (error instanceof AccountLimitExceededException) return true;
  return (
    error instanceof CodeBuildServiceException &&
    (error.$retryable?.throttling === true ||
      /Throttl|TooManyRequests/.test(error.name) ||
      (error.$metadata.httpStatusCode ?? 0) === 429 ||
      (error.$metadata.httpStatusCode ?? 0) >= 500)
  );
}
