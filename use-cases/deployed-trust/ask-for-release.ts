import * as z from 'zod';
import type { Connection } from './connect';
import { BrakeRelease } from '../../src/core/register/revocation-brake';
import { plainText } from '../../src/core/text/plain-text';
import { UserError, usageError } from '../../src/core/user-error';

const Answer = z.union([z.object({ released: BrakeRelease }), z.object({ problems: z.array(z.string()) })]);

/** What the function that releases the brake answers to the caller, or why it does not. */
export async function askForRelease(
  wanted: object,
  { brakeReleaser }: Pick<Connection, 'brakeReleaser'>,
): Promise<BrakeRelease> {
  const { status, answer } = await brakeReleaser.post(wanted);
  const { data } = Answer.safeParse(answer);
  if (data !== undefined && 'released' in data) return data.released;
  if (data !== undefined) throw usageError(data.problems.map(each => plainText(each, 600)).join('; '));
  throw new UserError(
    status === 403
      ? 'these credentials may not release the brake: take the role that trust.evaluator.grantReleaseBrake() names'
      : `the function that releases the brake answered ${status}: see its log`,
  );
}
