import { Jobs } from './jobs';
import { Places } from '../accounts/places';
import { errorAnswer, jsonAnswer } from '../gateway/answer';
import { Route } from '../gateway/route';
import { Sessions } from '../sessions';

interface JobAnswer {
  readonly jobId: string;
  readonly continuationToken?: string;
  readonly failureDetails?: { readonly type: string; readonly message: string };
}

/** The answers of functions to the jobs of CodePipeline, which MiniStack does not have. */
export function codepipelineRoute(places: Places, sessions: Sessions, jobs: Jobs): Route {
  return async call => {
    const { prefix, operation } = call.target ?? {};
    if (prefix !== 'CodePipeline_20150709') return undefined;
    if (operation !== 'PutJobSuccessResult' && operation !== 'PutJobFailureResult') {
      return errorAnswer('InvalidAction', `not emulated: ${operation}`);
    }
    const aws = places.in(await places.of(call));
    const refused = await sessions.refusal(call.accessKeyId, `codepipeline:${operation}`, '*', aws);
    if (refused !== undefined) return errorAnswer('AccessDeniedException', refused);
    const { jobId, continuationToken, failureDetails } = await call.json<JobAnswer>();
    const job = jobs.running(jobId);
    if (job === undefined) return errorAnswer('JobNotFoundException', `there is no running job ${jobId}`);
    if (operation === 'PutJobSuccessResult') jobs.succeed(job, continuationToken);
    else jobs.fail(job, failureDetails?.message ?? '');
    return jsonAnswer(200, {});
  };
}
