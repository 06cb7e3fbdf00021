import type { APIGatewayProxyResultV2 } from 'aws-lambda';

/** What a function answers to who called its URL. */
export function urlAnswer(statusCode: number, body: unknown): APIGatewayProxyResultV2 {
  return { statusCode, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}
