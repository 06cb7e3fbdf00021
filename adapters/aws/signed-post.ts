interface Signing {
  readonly config: {
    signer(): Promise<{
      sign(request: any, options?: { signingService?: string }): Promise<{ headers: Record<string, string> }>;
    }>;
  };
}

/** How JSON is sent to what has no client here: signed with the credentials of a client that is there. */
export interface SignedPost {
  readonly client: Signing;
  /** The service's name in signatures; that of the client if left out. */
  readonly service?: string;
  /** After it the request is aborted. */
  readonly seconds?: number;
}

export async function signedPost(
  url: URL,
  value: unknown,
  { client, service, seconds }: SignedPost,
): Promise<{ readonly ok: boolean; readonly status: number; readonly text: string }> {
  const body = JSON.stringify(value);
  const signer = await client.config.signer();
  const { headers } = await signer.sign(
    {
      method: 'POST',
      protocol: url.protocol,
      hostname: url.hostname,
      ...(url.port !== '' && { port: Number(url.port) }),
      path: url.pathname,
      query: {},
      headers: { host: url.host, 'content-type': 'application/json' },
      body,
    },
    service === undefined ? undefined : { signingService: service },
  );
  const signal = seconds === undefined ? undefined : AbortSignal.timeout(seconds * 1000);
  const response = await fetch(url, {
    method: 'POST',
    headers,
    body,
    ...(signal !== undefined && { signal }),
  });
  return { ok: response.ok, status: response.status, text: await response.text() };
}
