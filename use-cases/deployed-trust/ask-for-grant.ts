import * as z from 'zod';
import { answerByUrl } from './answer-by-url';
import type { Connection } from './connect';
import { Grant } from '../../src/core/trust/grant';

/** What the function that grants has granted or ended, or why it has not. */
export async function askForGrant(
  wanted: object,
  { granter }: Pick<Connection, 'granter'>,
): Promise<Grant[]> {
  const answered = await answerByUrl(granter, {
    wanted,
    answer: z.union([z.object({ granted: Grant }), z.object({ ended: z.array(Grant).min(1) })]),
    denied: 'these credentials may not grant: take the role that trust.breakGlass.grantBreakGlass() names',
    name: 'the function that grants',
  });
  return 'granted' in answered ? [answered.granted] : answered.ended;
}
