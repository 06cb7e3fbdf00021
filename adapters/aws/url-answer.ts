import type { APIGatewayProxyResultV2 } from 'aws-lambda';
import { logger } from './telemetry';
import { callerOf, readBody } from '../../src/core/trust/function-url';

/**
 * Answers who called a function by its URL: 200, or 400 with what is wrong with the body. AWS says who calls;
 * 403 if it does not.
 */
export async function answerCaller(
  event: unknown,
  act: (caller: string, body: unknown) => Promise<object>,
): Promise<APIGatewayProxyResultV2> {
  const caller = callerOf(event);
  if (caller === undefined) {
    logger.error('refused: the event names no caller');
    return answer(403, { problems: ['the event names no caller: call the function by its URL'] });
  }
  const result = await act(caller, readBody(event));
  const isRefused = 'problems' in result;
  logger.info(isRefused ? 'refused' : 'done', { caller, ...result });
  return answer(isRefused ? 400 : 200, result);
}

function answer(statusCode: number, body: unknown): APIGatewayProxyResultV2 {
  return { statusCode, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}
