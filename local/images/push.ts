import { Blob, Content } from './content';

/**
 * Push over plain HTTP, without a login: this is for registries on loopback. A child goes first, by its
 * digest.
 */
export async function pushImage(
  registryBase: string,
  repository: string,
  tag: string | undefined,
  image: Content,
): Promise<string> {
  const api = `${registryBase}/v2/${repository}`;
  for (const child of image.children) await pushImage(registryBase, repository, undefined, child);
  for (const blob of image.blobs.filter(each => !each.withheld)) await pushBlob(api, blob);
  await send(
    'PUT',
    `${api}/manifests/${tag ?? image.descriptor.digest}`,
    image.bytes,
    image.descriptor.mediaType,
  );
  return image.descriptor.digest;
}

/** @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#post-then-put */
async function pushBlob(api: string, { descriptor, bytes }: Blob): Promise<void> {
  const known = await fetch(`${api}/blobs/${descriptor.digest}`, { method: 'HEAD' });
  if (known.ok) return;
  const session = await send('POST', `${api}/blobs/uploads/`);
  const location = session.headers.get('location');
  if (location === null) {
    throw new Error(`POST ${api}/blobs/uploads/ gave no location header, so the blob has nowhere to go`);
  }
  const upload = new URL(location, api);
  upload.searchParams.set('digest', descriptor.digest);
  await send('PUT', upload.href, bytes, 'application/octet-stream');
}

async function send(method: string, url: string, body?: Buffer, contentType?: string): Promise<Response> {
  const answer = await fetch(url, {
    method,
    body: body && new Uint8Array(body),
    headers: contentType === undefined ? {} : { 'content-type': contentType },
  });
  if (!answer.ok) {
    throw new Error(`${method} ${url} answered ${answer.status}: ${(await answer.text()).slice(0, 300)}`);
  }
  return answer;
}
