import { env } from './environment';
import { EnvironmentName } from '../../src/core/environment';
import { whyNoPayload } from '../../src/core/gates/payload-url';
import { Limit } from '../../src/core/limits';
import { failed, ok, type Result } from '../../src/core/result';
import { parseJson } from '../../src/core/text/json';
import { Seconds } from '../../src/core/times';
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
  const bytes = await fetched(url).catch((error: unknown) => {
    // its message may have the URL
    throw new Error(`S3 does not give what the request names: ${(error as Error).name}`);
  });
  return bytes === undefined
    ? failed(`the request has more than ${Limit.hookPayloadBytes} bytes`)
    : ok(parseJson(bytes.toString()));
}

async function fetched(url: string): Promise<Buffer | undefined> {
  const signal = AbortSignal.timeout(Seconds.hookPayload * 1000);
  const { ok: isThere, status, body } = await fetch(url, { redirect: 'error', signal });
  if (isThere && body !== null) return readCapped(body, Limit.hookPayloadBytes);
  await body?.cancel();
  throw Object.assign(new Error(), { name: `status ${status}` });
}
