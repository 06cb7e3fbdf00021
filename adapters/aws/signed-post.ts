interface Signing {
  readonly config: {
    signer(): Promise<{ sign(request: any): Promise<{ headers: Record<string, string> }> }>;
  };
}

/** Sends JSON to what has no client, a function URL: signed with the credentials of another client. */
export async function signedPost(
  url: URL,
  value: unknown,
  client: Signing,
): Promise<{ readonly status: number; readonly text: string }> {
  const body = JSON.stringify(value);
  const signer = await client.config.signer();
  const { headers } = await signer.sign({
    method: 'POST',
    protocol: url.protocol,
    hostname: url.hostname,
    ...(url.port !== '' && { port: Number(url.port) }),
    path: url.pathname,
    query: {},
    headers: { host: url.host, 'content-type': 'application/json' },
    body,
  });
  const response = await fetch(url, { method: 'POST', headers, body });
  return { status: response.status, text: await response.text() };
}
