import * as z from 'zod';
import type { FunctionUrl } from '../../adapters/aws/function-url';
import { plainText } from '../../src/core/text/plain-text';
import { UserError, usageError } from '../../src/core/user-error';

const Refusal = z.object({ problems: z.array(z.string()) });

export interface Asked<Answer> {
  readonly wanted: object;
  readonly answer: z.ZodType<Answer>;
  /** What to do without the right to call. */
  readonly denied: string;
  /** The function, in a message. */
  readonly name: string;
}

/** What a function answers to who calls its URL, or why it does not. */
export async function answerByUrl<Answer>(
  called: Pick<FunctionUrl, 'post'>,
  { wanted, answer: expected, denied, name }: Asked<Answer>,
): Promise<Answer> {
  const { status, answer } = await called.post(wanted);
  const read = expected.safeParse(answer);
  if (read.success) return read.data;
  const refusal = Refusal.safeParse(answer);
  if (refusal.success) throw usageError(refusal.data.problems.map(each => plainText(each, 600)).join('; '));
  throw new UserError(status === 403 ? denied : `${name} answered ${status}: see its log`);
}
