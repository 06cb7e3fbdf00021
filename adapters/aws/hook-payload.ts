import { env } from './environment';
import { EnvironmentName } from '../../src/core/environment';
import { whyNoPayload } from '../../src/core/gates/payload-url';
import { Limit } from '../../src/core/limits';
import { failed, ok, type Result } from '../../src/core/result';
import { parseJson } from '../../src/core/text/json';
import { readCapped } from '../capped-body';

const place = {
  region: env('AWS_REGION'),
  urlSuffix: env(EnvironmentName.urlSuffix),
  endpoint: process.env.AWS_ENDPOINT_URL,
};

/** What CloudFormation left in S3. The URL is a secret: it is in no error. */
export async function hookPayload(url: string): Promise<Result<unknown, string>> {
  const why = whyNoPayload(url, place);
  if (why !== undefined) return failed(`the URL of the request is not that of CloudFormation: ${why}`);
  const response = await fetch(url, { redirect: 'error' }).catch(() => undefined);
  if (!response?.ok || response.body === null) throw new Error('S3 does not give what the request names');
  const bytes = await readCapped(response.body, Limit.hookPayloadBytes);
  return bytes === undefined
    ? failed(`the request has more than ${Limit.hookPayloadBytes} bytes`)
    : ok(parseJson(bytes.toString()));
}
