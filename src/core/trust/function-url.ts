import * as z from 'zod';
import { parseJson } from '../text/json';

const Event = z.object({
  requestContext: z.object({
    authorizer: z.object({ iam: z.object({ userArn: z.string().regex(/^arn:/) }) }),
  }),
});

const Body = z.object({ body: z.string(), isBase64Encoded: z.boolean().optional() });

/**
 * The ARN of who called a function URL with IAM, as AWS Lambda says. Undefined for another event.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads
 */
export function callerOf(event: unknown): string | undefined {
  return Event.safeParse(event).data?.requestContext.authorizer.iam.userArn;
}

/** The JSON that was sent, or undefined if it was none. */
export function readBody(event: unknown): unknown {
  const { data } = Body.safeParse(event);
  if (data === undefined) return undefined;
  const text = data.isBase64Encoded === true ? Buffer.from(data.body, 'base64').toString('utf8') : data.body;
  return parseJson(text);
}
