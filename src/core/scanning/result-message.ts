import * as z from 'zod';
import { ImageName } from '../image/image';
import { failed, ok, type Result } from '../result';

const BUILD_ID = /^[A-Za-z0-9][A-Za-z0-9_-]{1,254}:[0-9a-f-]{36}$/;

/**
 * Messages of the scan result queue. They are pointers: what they name is read anew (rule 4.1, messages are
 * hints).
 */
export const ResultMessage = z.union([
  z.object({ version: z.literal(1), buildId: z.string().regex(BUILD_ID) }),
  z.object({ version: z.literal(1), image: ImageName }),
]);
export type ResultMessage = z.infer<typeof ResultMessage>;

const BuildStateChange = z.object({
  source: z.literal('aws.codebuild'),
  'detail-type': z.literal('CodeBuild Build State Change'),
  detail: z.object({ 'build-id': z.string() }),
});

/** A state event gives a build id and nothing else (rule 5.2, provenance). */
export function readResultMessage(body: unknown): Result<ResultMessage, string> {
  const event = BuildStateChange.safeParse(body);
  if (event.success) {
    const buildId = /^arn:[a-z-]+:codebuild:[^:]+:\d{12}:build\/(.+)$/.exec(
      event.data.detail['build-id'],
    )?.[1];
    return buildId !== undefined && BUILD_ID.test(buildId)
      ? ok({ version: 1, buildId })
      : failed('a build state event without a build id');
  }
  const message = ResultMessage.safeParse(body);
  return message.success
    ? ok(message.data)
    : failed('neither a "CodeBuild Build State Change" event nor a pointer to a build or an image');
}
