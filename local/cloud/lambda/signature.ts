import { Lambda } from '@aws-sdk/client-lambda';
import type { Credentials } from '../aws-clients';
import type { Call } from '../gateway/call';

const FIVE_MINUTES = 5 * 60_000;
const SIGNED = /SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]{64})$/;
const DATE = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;

/**
 * Whether a call was signed just now with these credentials: it is signed again, and the signatures compared.
 * For what never gets to MiniStack, which looks at signatures itself.
 */
export async function isSignedWith(credentials: Credentials, call: Call): Promise<boolean> {
  const [, names = '', signature] = SIGNED.exec(call.headers.authorization ?? '') ?? [];
  const signingDate = new Date(String(call.headers['x-amz-date']).replace(DATE, '$1-$2-$3T$4:$5:$6Z'));
  if (signature === undefined || !(Math.abs(Date.now() - signingDate.getTime()) < FIVE_MINUTES)) return false;
  const signer = await new Lambda({ region: call.region, credentials }).config.signer();
  const { headers } = await signer.sign(
    {
      method: call.method,
      protocol: 'http:',
      hostname: 'localhost', // the header counts
      path: call.path,
      query: Object.fromEntries(call.query),
      headers: Object.fromEntries(names.split(';').map(name => [name, String(call.headers[name])])),
      body: await call.body(),
    },
    { signingDate },
  );
  return headers.authorization?.endsWith(`Signature=${signature}`) === true;
}
