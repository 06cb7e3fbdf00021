import { createServer } from 'node:http';
import { AddressInfo } from 'node:net';

/** Just enough of a registry to see what is pushed to it, in order, and to pull it again. */
export interface MemoryRegistry {
  readonly url: string;
  readonly blobs: Map<string, Buffer>;
  /** Manifests by what they were pushed as, a tag or a digest. */
  readonly manifests: Map<string, { readonly mediaType: string; readonly bytes: Buffer }>;
  readonly requests: string[];
  stop(): void;
}

export async function serveMemoryRegistry({
  refuse,
}: { readonly refuse?: string } = {}): Promise<MemoryRegistry> {
  const blobs: MemoryRegistry['blobs'] = new Map();
  const manifests: MemoryRegistry['manifests'] = new Map();
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://registry');
    const name = pathname.split('/').at(-1) ?? '';
    const body: Buffer[] = [];
    request.on('data', (chunk: Buffer) => body.push(chunk));
    request.on('end', () => {
      requests.push(`${request.method} ${pathname}`);
      if (refuse !== undefined && pathname.includes(refuse)) {
        response.writeHead(403).end('DENIED');
      } else if (request.method === 'GET') {
        const { mediaType = 'application/octet-stream', bytes } = manifests.get(name) ?? {
          mediaType: undefined,
          bytes: blobs.get(name),
        };
        response
          .writeHead(bytes === undefined && name !== '' ? 404 : 200, { 'content-type': mediaType })
          .end(bytes);
      } else if (request.method === 'HEAD') {
        response.writeHead(blobs.has(name) ? 200 : 404).end();
      } else if (request.method === 'POST') {
        response.writeHead(202, { location: `${pathname}session?state=1` }).end();
      } else {
        const bytes = Buffer.concat(body);
        if (pathname.includes('/manifests/')) {
          manifests.set(name, { mediaType: request.headers['content-type'] ?? '', bytes });
        } else {
          blobs.set(searchParams.get('digest') ?? '', bytes);
        }
        response.writeHead(201).end();
      }
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const stop = () => {
    server.close();
    server.closeAllConnections();
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    blobs,
    manifests,
    requests,
    stop,
  };
}
