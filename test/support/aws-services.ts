import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A call, by its operation: `DescribeTasks`, or `GET /2015-03-31/functions/web` of an API that is REST. */
export interface AwsCall {
  readonly operation: string;
  readonly body: any;
  readonly query: Readonly<Record<string, string>>;
}
export type AwsAnswers = Readonly<Record<string, (call: AwsCall) => object>>;

/** An answer that is an error of the service. */
export class AwsFault {
  constructor(
    public readonly code: string,
    public readonly message: string,
    public readonly status = 400,
  ) {}
}

/** Services of AWS on this machine, which real clients ask. What a test does not name is refused. */
export class AwsServices {
  public static async start(): Promise<AwsServices> {
    const services = new AwsServices();
    await new Promise<void>(ready => services.server.listen(0, '127.0.0.1', ready));
    return services;
  }

  public answers: AwsAnswers = {};
  /** Operations that never answer. */
  public silent: readonly string[] = [];
  public readonly calls: AwsCall[] = [];

  private readonly server: Server = createServer((request, response) => {
    let text = '';
    request
      .on('data', chunk => {
        text += chunk;
      })
      .on('end', () => {
        const { pathname, searchParams } = new URL(request.url!, 'http://127.0.0.1');
        const target = request.headers['x-amz-target'];
        const form = new URLSearchParams(text).get('Action');
        const operation =
          typeof target === 'string'
            ? target.split('.')[1]!
            : (form ?? `${request.method} ${decodeURIComponent(pathname)}`);
        const isJson = /^\s*[{[]/.test(text);
        const call = {
          operation,
          body: isJson ? JSON.parse(text) : text,
          query: Object.fromEntries(searchParams),
        };
        this.calls.push(call);
        if (this.silent.includes(operation)) return;
        const answer = this.answers[operation]?.(call) ?? new AwsFault('AccessDeniedException', operation);
        const isFault = answer instanceof AwsFault;
        response.writeHead(isFault ? answer.status : 200, {
          'content-type': 'application/x-amz-json-1.1',
          ...(isFault && { 'x-amzn-errortype': answer.code }),
        });
        response.end(JSON.stringify(isFault ? { __type: answer.code, message: answer.message } : answer));
      });
  });

  public get endpoint(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** For a client. */
  public get options() {
    const credentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'key' };
    return { endpoint: this.endpoint, region: 'us-east-1', credentials };
  }

  public asked(operation: string): any[] {
    return this.calls.filter(each => each.operation === operation).map(({ body }) => body);
  }

  public stop(): Promise<unknown> {
    this.server.closeAllConnections();
    return new Promise(done => this.server.close(done));
  }
}
