import { dockerLogin } from './docker-login';
import type { ImageReference } from '../../src/core/image/image-reference';
import { ACCEPTED_MANIFESTS } from '../../src/core/image/manifest';
import { parseJson } from '../../src/core/text/json';
import { plainText, quoted } from '../../src/core/text/plain-text';
import { digestOf } from '../../src/core/text/sha256';
import { Seconds } from '../../src/core/times';
import { UserError } from '../../src/core/user-error';
import type { FoundManifest } from '../aws/ecr-manifests';
import { readCapped } from '../capped-body';

const MOST_TOKEN = 64 * 1024;

/** The registry does not have it, or does not show it to this user. */
export class NotInRegistry extends UserError {}

/** Manifests and blobs of a registry that is not Amazon ECR. */
export class Registry {
  private authorization?: string;

  constructor(
    private readonly reference: Pick<ImageReference, 'host' | 'path'>,
    private readonly environment: Readonly<Record<string, string | undefined>>,
  ) {}

  public async manifest(tagOrDigest: string, maxBytes: number): Promise<FoundManifest> {
    const { text, response } = await this.get(
      `manifests/${tagOrDigest}`,
      maxBytes,
      ACCEPTED_MANIFESTS.join(', '),
    );
    const digest = digestOf(text);
    if (tagOrDigest.startsWith('sha256:') && digest !== tagOrDigest) {
      throw new UserError(
        `the registry ${this.reference.host} answered another manifest than ${tagOrDigest}: check what stands between it and this machine`,
      );
    }
    return { text, mediaType: (response.headers.get('content-type') ?? '').split(';')[0]!.trim(), digest };
  }

  /** The blob's bytes as they come, neither counted nor hashed. */
  public async blob(digest: string, signal: AbortSignal): Promise<Response> {
    return this.answer(`blobs/${digest}`, '*/*', signal);
  }

  private async get(
    path: string,
    maxBytes: number,
    accept: string,
  ): Promise<{ text: string; response: Response }> {
    const response = await this.answer(path, accept, AbortSignal.timeout(Seconds.registryAnswer * 1000));
    const bytes = await this.hear(`the registry ${this.reference.host}`, () =>
      readCapped(response.body as unknown as AsyncIterable<Uint8Array>, maxBytes),
    );
    if (bytes === undefined) {
      throw new UserError(
        `${plainText(path, 300)} of ${this.reference.path} has more than ${maxBytes} bytes, allowed: ${maxBytes}`,
      );
    }
    return { text: bytes.toString('utf8'), response };
  }

  private async answer(path: string, accept: string, signal: AbortSignal): Promise<Response> {
    const { host, path: repository } = this.reference;
    const url = `${schemeOf(host)}://${host === 'docker.io' ? 'registry-1.docker.io' : host}/v2/${repository}/${path}`;
    let response = await this.ask(url, accept, signal);
    if (response.status === 401) {
      this.authorization = await this.logIn(response.headers.get('www-authenticate') ?? '');
      response = await this.ask(url, accept, signal);
    }
    if (response.status === 401 || response.status === 403) {
      throw new NotInRegistry(
        `the registry ${host} does not let you read ${repository}: log in with docker login ${host}`,
      );
    }
    if (response.status === 404) {
      throw new NotInRegistry(
        `the registry ${host} has no ${repository} with ${plainText(path, 300)}: push it first`,
      );
    }
    if (response.status === 429) {
      throw new UserError(`the registry ${host} has had too many requests: try again in a minute, or log in`);
    }
    if (!response.ok || response.body === null) {
      throw new UserError(`the registry ${host} answered ${response.status}: try again`);
    }
    return response;
  }

  private async ask(url: string, accept: string, signal: AbortSignal): Promise<Response> {
    const headers = {
      accept,
      ...(this.authorization !== undefined && { authorization: this.authorization }),
    };
    // a redirect to another host goes without the login
    return this.hear(`the registry ${this.reference.host}`, () => fetch(url, { headers, signal }));
  }

  /** The network may give no answer, or part of one. */
  private async hear<T>(whom: string, answer: () => Promise<T>): Promise<T> {
    try {
      return await answer();
    } catch (error) {
      const { cause, message } = error as { cause?: { code?: string }; message?: string };
      if (message === 'terminated') {
        throw new UserError(
          `${whom} broke off while it answered (${plainText(cause?.code ?? message, 300)}): try again`,
        );
      }
      throw new UserError(
        `${whom} cannot be reached (${plainText(cause?.code ?? String(error), 300)}): check its name and the network`,
      );
    }
  }

  /** @see https://distribution.github.io/distribution/spec/auth/token/ */
  private async logIn(challenge: string): Promise<string> {
    const login = await dockerLogin(this.reference.host, this.environment);
    const basic =
      login === undefined
        ? undefined
        : `Basic ${Buffer.from(`${login.user}:${login.password}`).toString('base64')}`;
    const parameters = Object.fromEntries(
      [...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name!.toLowerCase(), value!]),
    );
    if (!/^bearer\b/i.test(challenge) || parameters.realm === undefined) return basic ?? '';
    const whom = `the token service of the registry ${this.reference.host}`;
    if (!URL.canParse(parameters.realm)) {
      throw new UserError(
        `${whom} is ${quoted(parameters.realm, 200)}, allowed: a URL; check what answers for the registry`,
      );
    }
    const realm = new URL(parameters.realm);
    if (realm.protocol !== schemeOf(this.reference.host) + ':' && realm.protocol !== 'https:') {
      throw new UserError(
        `the registry ${this.reference.host} sends logins to ${plainText(realm.origin, 300)}, allowed: https`,
      );
    }
    realm.searchParams.set('scope', `repository:${this.reference.path}:pull`);
    if (parameters.service !== undefined) realm.searchParams.set('service', parameters.service);
    const headers: Record<string, string> = basic === undefined ? {} : { authorization: basic };
    const response = await this.hear(`${whom}, ${plainText(realm.host, 200)},`, () =>
      fetch(realm, { headers, signal: AbortSignal.timeout(Seconds.registryAnswer * 1000) }),
    );
    const answer =
      response.ok && response.body !== null
        ? (response.body as unknown as AsyncIterable<Uint8Array>)
        : undefined;
    const body =
      answer === undefined ? undefined : await this.hear(whom, () => readCapped(answer, MOST_TOKEN));
    const { token, access_token: accessToken } = (parseJson(body?.toString('utf8') ?? '') ?? {}) as {
      token?: string;
      access_token?: string;
    };
    return `Bearer ${token ?? accessToken ?? ''}`;
  }
}

/** As Docker and Trivy have it: a registry on this machine needs no certificate. */
function schemeOf(host: string): 'http' | 'https' {
  return /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d+)?$/.test(host) ? 'http' : 'https';
}
