import { readText } from './grant-request';
import type { BrakeRelease } from '../register/revocation-brake';
import { failed, ok, type Result } from '../result';

/** What is asked of the brake, or everything that is wrong with it, each with the fix. */
export function readReleaseRequest(
  body: unknown,
): Result<Pick<BrakeRelease, 'justification' | 'ticket'>, string[]> {
  const { action, justification, ticket } = Object(body) as Record<string, unknown>;
  const problems: string[] = [];
  if (action !== 'release') {
    problems.push(`action is ${JSON.stringify(action) ?? 'missing'}, allowed: "release"`);
  }
  const why = readText('justification', justification, 10, 'say why the images may be revoked', problems);
  const number = readText('ticket', ticket, 1, 'name the incident, for example "INC-123"', problems);
  return problems.length > 0 ? failed(problems) : ok({ justification: why, ticket: number });
}
