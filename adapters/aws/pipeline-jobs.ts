import {
  CodePipelineClient,
  PutJobFailureResultCommand,
  PutJobSuccessResultCommand,
} from '@aws-sdk/client-codepipeline';

/** CodePipeline takes no longer message. */
const CHARACTERS = 5000;

/** Answers jobs of CodePipeline. */
export class PipelineJobs {
  constructor(private readonly client = new CodePipelineClient({})) {}

  /** With a token, the job goes on: CodePipeline invokes the function again. */
  public async succeed(jobId: string, continuationToken?: string): Promise<void> {
    await this.client.send(new PutJobSuccessResultCommand({ jobId, continuationToken }));
  }

  public async fail(jobId: string, message: string): Promise<void> {
    await this.client.send(
      new PutJobFailureResultCommand({
        jobId,
        failureDetails: { type: 'JobFailed', message: message.slice(0, CHARACTERS) },
      }),
    );
  }
}
