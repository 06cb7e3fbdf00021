import { IncomingMessage } from 'node:http';
import { addressOf, isRegistryPath } from './call';

/**
 * As IAM and STS make them. MiniStack's own root keys (`test`, any account number, none at all) look
 * different, and stay outside.
 */
const ACCESS_KEY = /^A[KS]IA[A-Z0-9]{12,21}$/;
const CALLBACK = /^\/_ministack\/cfn-(response|signal)\/[\w-]+(\/[\w%.-]+)?$/;
/** Functions that are called by their URL: the host of a URL on AWS is not here. */
export const FUNCTION_URL = /^\/_aws\/lambda-url\/([a-z0-9-]+)(\/[\w/-]*)$/;
const REMEDY = 'sign with the keys of this run: npm run --silent local:env';

/**
 * Why a request is refused; undefined if it may pass.
 *
 * Builds are programs on this machine, so nobody may reach this port who was not given keys: not a web page
 * (it sends an Origin, or, after rebinding a name, a foreign Host), and not a neighbour who knows that
 * emulators take `test`.
 */
export function refusal(request: IncomingMessage, port: number): string | undefined {
  const { origin, host = '', authorization } = request.headers;
  if (origin !== undefined) {
    return `a request with an origin is refused (given ${JSON.stringify(origin)}): web pages have no business here`;
  }
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  if (!hosts.includes(host)) return `the host ${JSON.stringify(host)} is refused; use ${hosts.join(' or ')}`;
  const { path, query } = addressOf(request);
  const queryKeys = [...query].flatMap(([name, value]) =>
    /^(x-amz-credential|awsaccesskeyid)$/i.test(name) ? [value.split('/')[0]] : [],
  );
  if (isOpen(request.method, path)) {
    // this key is not used here, and MiniStack must not see a key that was not checked
    delete request.headers.authorization;
    return queryKeys.length === 0
      ? undefined
      : `the path ${JSON.stringify(path)} takes no signature in its query`;
  }
  if (!FUNCTION_URL.test(path) && (!path.startsWith('/') || decoded(path).startsWith('/_'))) {
    return `the path ${JSON.stringify(path)} is refused: it is internal to the emulator`;
  }
  return keyRefusal([...headerKeys(authorization), ...queryKeys]);
}

/**
 * What AWS too answers without a signature of ours: the registry (its login is not emulated), and callbacks
 * with a secret in their path.
 */
function isOpen(method: string | undefined, path: string): boolean {
  return (
    isRegistryPath(path) ||
    path.startsWith('/_local/') ||
    (method === 'PUT' && CALLBACK.test(path)) ||
    (method === 'GET' && path === '/_ministack/ready')
  );
}

function headerKeys(authorization: string | undefined): string[] {
  if (authorization === undefined) return [];
  return [/^AWS4-HMAC-SHA256 Credential=([^/]+)\//.exec(authorization)?.[1] ?? authorization.slice(0, 16)];
}

/**
 * MiniStack reads a key from more than one place: there must be one, and it must be the one that was checked.
 */
function keyRefusal(keys: string[]): string | undefined {
  if (keys.length !== 1) return `a request names one access key (given ${keys.length}); ${REMEDY}`;
  return ACCESS_KEY.test(keys[0])
    ? undefined
    : `the access key ${JSON.stringify(keys[0])} is refused; ${REMEDY}`;
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return '/_';
  }
}
