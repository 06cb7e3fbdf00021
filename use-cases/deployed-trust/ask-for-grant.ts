import * as z from 'zod';
import type { Connection } from './connect';
import { plainText } from '../../src/core/text/plain-text';
import { Grant } from '../../src/core/trust/grant';
import { UserError, usageError } from '../../src/core/user-error';

const Answer = z.union([
  z.object({ granted: Grant }),
  z.object({ ended: Grant }),
  z.object({ problems: z.array(z.string()) }),
]);

/** What the function that grants answers to the caller, or why it does not. */
export async function askForGrant(wanted: object, { granter }: Pick<Connection, 'granter'>): Promise<Grant> {
  const { status, answer } = await granter.post(wanted);
  const read = Answer.safeParse(answer);
  if (read.success && 'granted' in read.data) return read.data.granted;
  if (read.success && 'ended' in read.data) return read.data.ended;
  if (read.success && 'problems' in read.data) {
    throw usageError(read.data.problems.map(each => plainText(each, 600)).join('; '));
  }
  throw new UserError(
    status === 403
      ? 'these credentials may not grant: take the role that trust.breakGlass.grantBreakGlass() names'
      : `the function that grants answered ${status}: see its log`,
  );
}
