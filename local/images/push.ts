import { Blob, Content } from './content';

/** Where a registry is, and how it knows who asks. */
export interface RegistryAddress {
  /** Scheme and host. */
  readonly base: string;
  /** The header of the same name. @default - none, for registries on loopback */
  readonly authorization?: string;
}

/** Push as every client of a registry does. A child goes first, by its digest. */
export async function pushImage(
  registry: RegistryAddress,
  repository: string,
  tag: string | undefined,
  image: Content,
): Promise<string> {
  const api = new Api(`${registry.base}/v2/${repository}`, registry.authorization);
  for (const child of image.children) await pushImage(registry, repository, undefined, child);
  for (const blob of image.blobs.filter(each => !each.withheld)) await pushBlob(api, blob);
  await api.send(
    'PUT',
    `/manifests/${tag ?? image.descriptor.digest}`,
    image.bytes,
    image.descriptor.mediaType,
  );
  return image.descriptor.digest;
}

/** @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#post-then-put */
async function pushBlob(api: Api, { descriptor, bytes }: Blob): Promise<void> {
  if (await api.has(`/blobs/${descriptor.digest}`)) return;
  const session = await api.send('POST', '/blobs/uploads/');
  const location = session.headers.get('location');
  if (location === null) {
    throw new Error(`POST ${api.base}/blobs/uploads/ gave no location header, so the blob has nowhere to go`);
  }
  const upload = new URL(location, api.base);
  upload.searchParams.set('digest', descriptor.digest);
  await api.send('PUT', upload.href, bytes, 'application/octet-stream');
}

/** The registry's API of one repository. */
class Api {
  constructor(
    public readonly base: string,
    private readonly authorization: string | undefined,
  ) {}

  public async has(path: string): Promise<boolean> {
    return (await fetch(`${this.base}${path}`, { method: 'HEAD', headers: this.headers() })).ok;
  }

  /** The place is below the repository, or a whole URL that the registry gave. */
  public async send(method: string, place: string, body?: Buffer, contentType?: string): Promise<Response> {
    const url = place.startsWith('/') ? `${this.base}${place}` : place;
    const answer = await fetch(url, {
      method,
      body: body && new Uint8Array(body),
      headers: { ...this.headers(), ...(contentType !== undefined && { 'content-type': contentType }) },
    });
    if (!answer.ok) {
      throw new Error(`${method} ${url} answered ${answer.status}: ${(await answer.text()).slice(0, 300)}`);
    }
    return answer;
  }

  private headers(): Record<string, string> {
    return this.authorization === undefined ? {} : { authorization: this.authorization };
  }
}
