import { EmbeddedCloud } from './description';

/** One of the cloud's own routes, `/_local/…`. Without a body it is a GET. */
export async function admin(
  { endpoint, token }: EmbeddedCloud,
  path: string,
  body?: unknown,
  method = body === undefined ? 'GET' : 'POST',
): Promise<unknown> {
  const answer = await fetch(`${endpoint}/_local/${path}`, {
    method,
    headers: { 'x-local-token': token },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} /_local/${path} answered ${answer.status}: ${text}`);
  return JSON.parse(text) as unknown;
}
