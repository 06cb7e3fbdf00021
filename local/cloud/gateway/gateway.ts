import { createServer, IncomingMessage, Server, ServerResponse } from 'node:http';
import { AddressInfo } from 'node:net';
import { Say } from '../say';
import { errorAnswer, reply, textAnswer } from './answer';
import { Call } from './call';
import { errorInItsManner } from './error-in-its-manner';
import { refusal } from './guard';
import { Route } from './route';
import { Upstream } from './upstream';

/**
 * The one port of the cloud, on loopback. It is open before MiniStack starts, because MiniStack has to know
 * its number.
 */
export class Gateway {
  /** `port` 0 takes a free one. */
  public static async listen(port: number, say: Say): Promise<Gateway> {
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
    return new Gateway(server, say);
  }

  public readonly port: number;
  private parts: { upstream: Upstream; routes: readonly Route[] } | undefined;

  private constructor(
    private readonly server: Server,
    private readonly say: Say,
  ) {
    this.port = (server.address() as AddressInfo).port;
    // else a client's idle connection may be closed just as it is used again
    server.keepAliveTimeout = 75_000;
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      this.handle(request, response).catch((error: unknown) => this.fail(request, response, error));
    });
  }

  public get endpoint(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  public serve(upstream: Upstream, routes: readonly Route[]): void {
    this.parts = { upstream, routes };
  }

  public async close(): Promise<void> {
    const closed = new Promise(done => this.server.close(done));
    this.server.closeAllConnections();
    await closed;
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.parts === undefined) return reply(response, textAnswer(503, 'the cloud is starting\n'));
    const { upstream, routes } = this.parts;
    const call = new Call(request, upstream);
    const refused = refusal(request, this.port);
    if (refused !== undefined) {
      this.say(`refused: ${refused}`);
      return reply(response, errorInItsManner(call, 403, 'AccessDenied', refused));
    }
    for (const route of routes) {
      const answer = await route(call);
      if (answer !== undefined) return reply(response, answer);
    }
    if (call.hasBody) return reply(response, await call.forward());
    return upstream.pipe(request, response);
  }

  private fail(request: IncomingMessage, response: ServerResponse, error: unknown): void {
    this.say(
      `gateway: ${request.method} ${request.url?.split('?')[0]}: ${error instanceof Error ? error.stack : String(error)}`,
    );
    if (response.headersSent) {
      response.destroy();
    } else {
      reply(
        response,
        errorAnswer('InternalFailure', error instanceof Error ? error.message : String(error), 500),
      );
    }
  }
}
