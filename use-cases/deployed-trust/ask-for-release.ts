import * as z from 'zod';
import { answerByUrl } from './answer-by-url';
import type { Connection } from './connect';
import { BrakeRelease } from '../../src/core/register/revocation-brake';

/** What the function that releases the brake answers to the caller, or why it does not. */
export async function askForRelease(
  wanted: object,
  { brakeReleaser }: Pick<Connection, 'brakeReleaser'>,
): Promise<BrakeRelease> {
  const { released } = await answerByUrl(brakeReleaser, {
    wanted,
    answer: z.object({ released: BrakeRelease }),
    denied:
      'these credentials may not release the brake: take the role that trust.evaluator.grantReleaseBrake() names',
    name: 'the function that releases the brake',
  });
  return released;
}
