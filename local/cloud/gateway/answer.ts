import { IncomingHttpHeaders, OutgoingHttpHeaders, ServerResponse } from 'node:http';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders | OutgoingHttpHeaders;
  readonly body: Buffer;
}

export function jsonAnswer(status: number, value: unknown, headers: OutgoingHttpHeaders = {}): Answer {
  return {
    status,
    headers: { 'content-type': 'application/x-amz-json-1.1', ...headers },
    body: Buffer.from(JSON.stringify(value)),
  };
}

export function textAnswer(status: number, text: string, headers: OutgoingHttpHeaders = {}): Answer {
  return { status, headers: { 'content-type': 'text/plain', ...headers }, body: Buffer.from(text) };
}

export function xmlAnswer(status: number, xml: string, headers: OutgoingHttpHeaders = {}): Answer {
  return { status, headers: { 'content-type': 'text/xml', ...headers }, body: Buffer.from(xml) };
}

/** An error as the JSON services of AWS give it. */
export function errorAnswer(code: string, message: string, status = 400): Answer {
  return jsonAnswer(status, { __type: code, message }, { 'x-amzn-errortype': code });
}

/** An error as a registry gives it. */
export function registryError(status: number, code: string, message: string): Answer {
  return jsonAnswer(status, { errors: [{ code, message }] }, { 'content-type': 'application/json' });
}

export function parseJson<T>(answer: Pick<Answer, 'body'>): T {
  return JSON.parse(answer.body.toString()) as T;
}

export function reply(response: ServerResponse, { status, headers, body }: Answer): void {
  // the length belongs to the body that we send, which need not be the one that MiniStack sent
  const { 'transfer-encoding': _, 'content-length': __, ...rest } = headers as OutgoingHttpHeaders;
  const length = response.req.method === 'HEAD' ? headers['content-length'] : body.length;
  response.writeHead(status, { ...rest, ...(length !== undefined && { 'content-length': length }) });
  response.end(body);
}
