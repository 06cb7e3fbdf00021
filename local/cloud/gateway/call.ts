import { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { Answer } from './answer';
import { readAll, Upstream } from './upstream';

/** One request at the gateway, with the values that the parts of the gateway need. */
export class Call {
  public readonly method: string;
  public readonly path: string;
  public readonly query: URLSearchParams;
  public readonly headers: IncomingHttpHeaders;
  /** Of the JSON protocol: the service's target prefix and the operation. */
  public readonly target: { readonly prefix: string; readonly operation: string } | undefined;
  /** Whose registry request it is, if that is known. Nobody checks it. */
  public readonly pullerKey: string | undefined;
  private bytes: Promise<Buffer> | undefined;

  constructor(
    public readonly request: IncomingMessage,
    private readonly upstream: Upstream,
  ) {
    this.method = request.method ?? 'GET';
    this.pullerKey = takePullerKey(request);
    ({ path: this.path, query: this.query } = addressOf(request));
    this.headers = request.headers;
    this.target = targetOf(request);
  }

  public get isRegistry(): boolean {
    return isRegistryPath(this.path);
  }

  public get isForm(): boolean {
    return (
      this.method === 'POST' &&
      (this.headers['content-type'] ?? '').startsWith('application/x-www-form-urlencoded')
    );
  }

  /** As a signature names it: `ecr`, `codebuild`, `s3`, `states`. */
  public get service(): string {
    if (this.isRegistry) return 'registry';
    return (
      /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\/aws4_request/.exec(this.headers.authorization ?? '')?.[1] ??
      'unknown'
    );
  }

  public get accessKeyId(): string | undefined {
    return /Credential=([^/]+)\//.exec(this.headers.authorization ?? '')?.[1];
  }

  /** As a signature names it. */
  public get region(): string | undefined {
    return /Credential=[^/]+\/\d+\/([^/]+)\//.exec(this.headers.authorization ?? '')?.[1];
  }

  public get hasBody(): boolean {
    return this.bytes !== undefined;
  }

  public body(): Promise<Buffer> {
    this.bytes ??= readAll(this.request);
    return this.bytes;
  }

  public async json<T>(): Promise<T> {
    return JSON.parse((await this.body()).toString() || '{}') as T;
  }

  public async form(): Promise<URLSearchParams> {
    return new URLSearchParams((await this.body()).toString());
  }

  public async operation(): Promise<string | undefined> {
    if (this.target !== undefined) return this.target.operation;
    return this.isForm ? ((await this.form()).get('Action') ?? undefined) : undefined;
  }

  /**
   * From now on, it is a call of the root of an account: MiniStack checks no signature of a root key, and
   * takes account and region from it.
   */
  public actAsRoot({ account, region }: { readonly account: string; readonly region: string }): void {
    delete this.headers['x-amz-security-token'];
    this.headers.authorization = `AWS4-HMAC-SHA256 Credential=${account}/20260101/${region}/${this.service}/aws4_request, SignedHeaders=host, Signature=none`;
  }

  /** To MiniStack as it came, so that the signature still holds: MiniStack authorises the caller. */
  public async forward(): Promise<Answer> {
    return this.upstream.send(this.method, this.request.url ?? '/', await this.body(), this.headers);
  }
}

/**
 * As it was sent. `URL` would resolve dots and double slashes, and then what is checked is not what MiniStack
 * reads.
 */
export function addressOf({ url = '/' }: IncomingMessage): { path: string; query: URLSearchParams } {
  const [path, ...query] = url.split('?');
  return { path, query: new URLSearchParams(query.join('?')) };
}

/** The paths that the registry answers without a signature. */
export function isRegistryPath(path: string): boolean {
  return (
    path === '/v2' ||
    path === '/v2/' ||
    path === '/v2/_catalog' ||
    (path.startsWith('/v2/') &&
      !path.startsWith('/v2/email') &&
      (/\/(blobs|manifests|referrers)\//.test(path) || path.endsWith('/tags/list')))
  );
}

/**
 * Trivy in a build says whose it is in the path, because it sends no login to a mirror. Others say it by the
 * password that they got for their registry.
 */
export const PULLER_FOLDER = 'pulled-by-';
const PULLER_PATH = /^\/v2\/pulled-by-(a[ks]ia[a-z0-9]{12,21})\//;
const PULLER_PASSWORD = /^AWS:(A[KS]IA[A-Z0-9]{12,21})$/;

/** Takes it out of the path. */
function takePullerKey(request: IncomingMessage): string | undefined {
  const inPath = PULLER_PATH.exec(request.url ?? '')?.[1];
  if (inPath !== undefined) {
    request.url = request.url!.replace(PULLER_PATH, '/v2/');
    return inPath.toUpperCase();
  }
  const [, basic = ''] = /^Basic (.+)$/i.exec(request.headers.authorization ?? '') ?? [];
  return PULLER_PASSWORD.exec(Buffer.from(basic, 'base64').toString())?.[1];
}

function targetOf({ method, url, headers }: IncomingMessage): Call['target'] {
  const target = headers['x-amz-target'];
  if (method !== 'POST' || url !== '/' || typeof target !== 'string') return undefined;
  const [prefix, operation] = target.split('.');
  return operation === undefined ? undefined : { prefix, operation };
}
