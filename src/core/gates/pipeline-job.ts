import * as z from 'zod';
import type { NamedImage } from './named-image';
import { whyUnread } from './unread';
import { Limit } from '../limits';
import { failed, ok, type Result } from '../result';
import { parseJson } from '../text/json';

/**
 * What CodePipeline sends to a function. The event has credentials in it: nothing of it is logged.
 *
 * @see https://docs.aws.amazon.com/codepipeline/latest/userguide/actions-invoke-lambda-function.html
 */
const Event = z.object({
  'CodePipeline.job': z.object({
    id: z.string().min(1),
    data: z.object({
      actionConfiguration: z.object({ configuration: z.object({ UserParameters: z.string() }) }),
      continuationToken: z.string().optional(),
    }),
  }),
});

/** What the action of the gate is given. A variable of the pipeline is resolved by then. */
const Parameters = z.strictObject({ images: z.array(z.string()).min(1).max(Limit.gateImages) });
export type Parameters = z.infer<typeof Parameters>;

export interface PipelineJob {
  readonly images: readonly NamedImage[];
  /** How often the gate has looked before. */
  readonly looks: number;
}

export function readPipelineJob(event: unknown): Result<PipelineJob, string> {
  const read = Event.safeParse(event);
  if (!read.success) return failed(whyUnread('the job of CodePipeline', read.error));
  const { actionConfiguration, continuationToken } = read.data['CodePipeline.job'].data;
  const parameters = Parameters.safeParse(parseJson(actionConfiguration.configuration.UserParameters));
  if (!parameters.success) return failed(whyUnread('the user parameters of the action', parameters.error));
  return ok({
    images: parameters.data.images.map((reference, at) => ({ of: `image ${at + 1}`, reference })),
    looks: looksIn(continuationToken),
  });
}

/** Without it, nobody can be answered. */
export function jobIdOf(event: unknown): string | undefined {
  const read = z.object({ 'CodePipeline.job': z.object({ id: z.string().min(1) }) }).safeParse(event);
  return read.success ? read.data['CodePipeline.job'].id : undefined;
}

export function tokenAfter(looks: number): string {
  return `looks=${looks + 1}`;
}

function looksIn(token: string | undefined): number {
  const [, looks] = /^looks=(\d{1,3})$/.exec(token ?? '') ?? [];
  return looks === undefined ? 0 : Number(looks);
}
