import { IMAGE, minutes, NOW, scanId } from './made';
import { grantKey, type Grant } from '../../../src/core/trust/grant';

export const STACK = 'arn:aws:cloudformation:us-east-1:000000000000:stack/app';
/** As CloudFormation names it. */
export const STACK_ID = `${STACK}/6f1c8a50-7c11-11f0-8f3a-0a58a9feac02`;
export const CALLER = 'arn:aws:sts::000000000000:assumed-role/OnCall/alice';

/** A grant for one image and one stack, for an hour. */
export function grant(changes: Partial<Grant> = {}): Grant {
  const made = {
    schema: 1 as const,
    grantId: scanId(1),
    image: IMAGE,
    scope: STACK,
    grantedAt: NOW.toISOString(),
    expiresAt: minutes(60).toISOString(),
    grantedBy: CALLER,
    justification: 'the scanner is down and the shop too',
    ticket: 'INC-7',
    ...changes,
  };
  return { pk: grantKey(made), ...made };
}
