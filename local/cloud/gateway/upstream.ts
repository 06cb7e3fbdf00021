import {
  Agent,
  IncomingHttpHeaders,
  IncomingMessage,
  OutgoingHttpHeaders,
  request,
  ServerResponse,
} from 'node:http';
import { socketAgent } from '../socket-agent';
import { Answer } from './answer';

/**
 * Policies written with `enforceSSL` (the CDK's bootstrap bucket has one) deny plain HTTP; MiniStack believes
 * this header.
 */
export const OVER_TLS = { 'x-forwarded-proto': 'https' };

type AnyHeaders = IncomingHttpHeaders | OutgoingHttpHeaders;

/** MiniStack, over its socket. */
export class Upstream {
  public readonly agent: Agent;

  constructor(
    public readonly socketPath: string,
    private readonly host: string,
  ) {
    this.agent = socketAgent(socketPath);
  }

  public close(): void {
    this.agent.destroy();
  }

  public send(
    method: string,
    path: string,
    body: Buffer = Buffer.alloc(0),
    headers: AnyHeaders = {},
  ): Promise<Answer> {
    const { 'transfer-encoding': _, ...rest } = headers as OutgoingHttpHeaders;
    return new Promise((resolve, reject) => {
      const outgoing = request(
        {
          socketPath: this.socketPath,
          agent: this.agent,
          method,
          path,
          headers: { host: this.host, ...rest, ...OVER_TLS, 'content-length': body.length },
        },
        incoming => {
          readAll(incoming).then(
            bytes => resolve({ status: incoming.statusCode!, headers: incoming.headers, body: bytes }),
            reject,
          );
        },
      );
      outgoing.on('error', reject).end(body);
    });
  }

  /**
   * A request that no part of the gateway answers is passed on as a stream, with the host that it was signed
   * for.
   */
  public pipe(incoming: IncomingMessage, response: ServerResponse): void {
    const outgoing = request(
      {
        socketPath: this.socketPath,
        agent: this.agent,
        method: incoming.method,
        path: incoming.url,
        headers: { ...incoming.headers, ...OVER_TLS },
      },
      answer => {
        response.writeHead(answer.statusCode!, answer.headers);
        answer.pipe(response);
      },
    );
    outgoing.on('error', error => {
      if (!response.headersSent) response.writeHead(502);
      response.end(error.message);
    });
    response.on('close', () => {
      if (!response.writableFinished) outgoing.destroy();
    });
    incoming.pipe(outgoing);
  }
}

export async function readAll(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}
