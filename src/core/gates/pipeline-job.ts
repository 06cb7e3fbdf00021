import * as z from 'zod';
import type { ImageToRun } from './image-to-run';
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

/**
 * What the action of the gate is given. CodePipeline puts the values of variables into this text as they are,
 * whatever they do to it.
 */
const Parameters = z.strictObject({
  /** Of the images, when the app was synthesised. */
  count: z.number().int(),
  images: z.array(z.string()).min(1).max(Limit.gateImages),
});
export type Parameters = z.infer<typeof Parameters>;

export function parametersFor(images: readonly string[]): Parameters {
  return { count: images.length, images: [...images] };
}

const ONE_IMAGE = 'a variable may hold one image with its digest, and nothing else';

export interface PipelineJob {
  readonly images: readonly ImageToRun[];
  /** How often the gate has looked before. */
  readonly looks: number;
}

export function readPipelineJob(event: unknown): Result<PipelineJob, string> {
  const read = Event.safeParse(event);
  if (!read.success) return failed(whyUnread('the job of CodePipeline', read.error));
  const { actionConfiguration, continuationToken } = read.data['CodePipeline.job'].data;
  const images = readImages(actionConfiguration.configuration.UserParameters);
  return images.ok ? ok({ images: images.value, looks: looksIn(continuationToken) }) : images;
}

/**
 * A variable with a quote could hide the other images: of two equal keys only the last would be judged. So
 * the text has to be the one that its own content is written as, with as many images as the app named.
 */
function readImages(text: string): Result<readonly ImageToRun[], string> {
  const what = 'the user parameters of the action';
  const document = parseJson(text);
  const read = Parameters.safeParse(document);
  if (!read.success) return failed(`${whyUnread(what, read.error)}; ${ONE_IMAGE}`);
  if (JSON.stringify(document) !== text) return failed(`${what} can be read in two ways; ${ONE_IMAGE}`);
  const { count, images } = read.data;
  if (images.length !== count) {
    return failed(`${what} have ${images.length} images, and the app named ${count}; ${ONE_IMAGE}`);
  }
  return ok(images.map((reference, at) => ({ of: `image ${at + 1}`, reference })));
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
