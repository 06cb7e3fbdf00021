import { decideForService, type ServiceGateContext } from './decide-for-service';
import { gateAnswer } from '../../src/core/gates/gate-answer';
import { readPipelineJob, tokenAfter } from '../../src/core/gates/pipeline-job';
import { failed, ok } from '../../src/core/result';
import { Tries } from '../../src/core/times';

/** What CodePipeline is told of a job. */
export type JobAnswer =
  | { readonly result: 'success' }
  | { readonly result: 'failure'; readonly message: string }
  /** CodePipeline invokes the function again. */
  | { readonly result: 'again'; readonly continuationToken: string };

/** Decides on the images that an action of a pipeline names, before the next action begins. */
export async function decidePipelineJob(
  event: unknown,
  { scope, ...context }: ServiceGateContext & { readonly scope: string },
): Promise<JobAnswer> {
  const job = readPipelineJob(event);
  const looks = job.ok ? job.value.looks : 0;
  const decided = await decideForService(
    {
      subject: 'a pipeline',
      scope,
      isLastLook: looks + 1 >= Tries.gateLooks,
      showsReason: true,
      images: async () => (job.ok ? ok(job.value.images) : failed(job.error)),
    },
    context,
  );
  const { step, says } = gateAnswer(decided, context.evidenceBucket);
  switch (step) {
    case 'admit':
      return { result: 'success' };
    case 'look again':
      return { result: 'again', continuationToken: tokenAfter(looks) };
    case 'refuse':
      return { result: 'failure', message: says };
  }
}
