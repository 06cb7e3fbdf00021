import { createServer, ServerResponse } from 'node:http';
import { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { Blob, Content } from '../../../local/images/content';

/** A config and a layer are blobs. */
export type Request = 'ping' | 'manifest' | 'config' | 'layer';

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What goes wrong: a request that is answered badly, late, or by half. */
export interface Fault {
  readonly at: Request | 'blob' | 'everything';
  readonly answer?: Answer;
  readonly delaySeconds?: number;
  readonly cutOff?: boolean;
}

export interface FaultRegistry {
  readonly host: string;
  stop(): void;
}

/** A registry with one image and one fault. */
export async function serveFault(image: Content, fault: Fault): Promise<FaultRegistry> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://registry');
    void answer(image, fault, pathname, response, request.method === 'HEAD');
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function answer(
  image: Content,
  fault: Fault,
  path: string,
  response: ServerResponse,
  headOnly: boolean,
): Promise<void> {
  const request = requestOf(image, path);
  const faulty = matches(fault, request);
  if (faulty && fault.delaySeconds !== undefined) {
    await wait(fault.delaySeconds * 1000, undefined, { ref: false });
  }
  if (faulty && fault.answer !== undefined) {
    const { status, type, body, headers } = fault.answer;
    response.writeHead(status, { ...headers, 'content-type': type }).end(headOnly ? undefined : body);
    return;
  }
  if (request === 'ping') {
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    return;
  }
  const { bytes, descriptor } = request === 'manifest' ? image : blobAt(image, path);
  response.writeHead(200, {
    'content-type': descriptor.mediaType,
    'content-length': bytes.length,
    'docker-content-digest': descriptor.digest,
  });
  if (faulty && fault.cutOff) response.write(bytes.subarray(0, bytes.length / 2), () => response.destroy());
  else response.end(headOnly ? undefined : bytes);
}

function matches({ at }: Fault, request: Request): boolean {
  return (
    at === 'everything' || at === request || (at === 'blob' && (request === 'config' || request === 'layer'))
  );
}

function requestOf(image: Content, path: string): Request {
  if (path === '/v2/') return 'ping';
  if (path.includes('/manifests/')) return 'manifest';
  return blobAt(image, path) === image.blobs[0] ? 'config' : 'layer';
}

function blobAt(image: Content, path: string): Blob {
  const found = image.blobs.find(({ descriptor }) => path.endsWith(descriptor.digest));
  if (found === undefined) throw new Error(`${path} is no blob of ${image.descriptor.digest}`);
  return found;
}
