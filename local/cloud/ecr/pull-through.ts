import { blobsOf, parseManifest } from './manifest';
import { Cache, PullThroughRule, RegistrySettings } from './registry-settings';
import { RepositoryStore } from './repository-store';
import { AwsClients } from '../aws-clients';
import { EventDraft } from '../events/service-event';
import { Faults } from '../gateway/faults';
import { mayPrincipal } from '../rights';

export interface PullThroughOptions {
  readonly store: RepositoryStore;
  readonly settings: RegistrySettings;
  readonly faults: Faults;
  readonly account: string;
  readonly region: string;
  /** Past the gateway, as the emulator's root. */
  readonly aws: AwsClients;
  readonly publish: (event: EventDraft) => void;
}

/** Why nothing was imported. */
export interface PullProblem {
  readonly kind: 'denied' | 'throttled' | 'unavailable';
  readonly message: string;
}

/**
 * Pull-through caches of the public registry: the first pull of a tag makes the repository and imports the
 * image. A digest is not imported on its own, and a tag in the cache is not looked up again.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache.html
 * @see https://github.com/aws/containers-roadmap/issues/2837
 */
export class PullThrough {
  /** One import after the other: two pulls of one image import it once. */
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: PullThroughOptions) {}

  /** Imports what a pull needs and the cache has not. Undefined too if the repository is in no cache. */
  public async fill(
    repository: string,
    reference: string,
    role: string | undefined,
  ): Promise<PullProblem | undefined> {
    const cache = this.options.settings.cacheOf(repository);
    if (cache === undefined || reference.startsWith('sha256:')) return undefined;
    const filled = this.last.then(() => this.fillFrom(cache, repository, reference, role));
    this.last = filled.catch(() => undefined);
    return filled;
  }

  private async fillFrom(
    cache: Cache,
    repository: string,
    reference: string,
    role: string | undefined,
  ): Promise<PullProblem | undefined> {
    const { store, faults } = this.options;
    if ((await store.v2('HEAD', `${repository}/manifests/${reference}`)).status === 200) return undefined;
    const isNew = !(await this.exists(repository));
    const denied = role && (await this.denied(repository, role, isNew));
    if (denied) return { kind: 'denied', message: denied };
    const path = `/v2/${cache.upstream}/manifests/${reference}`;
    const fault = faults.take({ service: 'registry', method: 'GET', path });
    if (fault?.status === 429) {
      return { kind: 'throttled', message: unableTo('has reached the upstream registry pull rate limit') };
    }
    if (fault !== undefined) return { kind: 'unavailable', message: unableTo(`answered ${fault.status}`) };
    const upstream = await store.v2('GET', `${cache.upstream}/manifests/${reference}`);
    if (upstream.status !== 200) return undefined; // and so the image is not found
    if (isNew) await this.options.aws.ecr.createRepository({ repositoryName: repository });
    const digest = await this.copy(cache.upstream, repository, reference);
    this.options.publish(pulledThrough(cache.rule, { repository, tag: reference, digest }, this.options));
    return undefined;
  }

  /** Whether a build finds an image that is in a cache. */
  public async has(repository: string, reference: string): Promise<boolean> {
    if (this.options.settings.cacheOf(repository) === undefined) return true; // no image is pulled here
    return (await this.options.store.v2('HEAD', `${repository}/manifests/${reference}`)).status === 200;
  }

  private async denied(repository: string, role: string, isNew: boolean): Promise<string | undefined> {
    const { account, region, aws } = this.options;
    const arn = `arn:aws:ecr:${region}:${account}:repository/${repository}`;
    for (const action of ['ecr:BatchImportUpstreamImage', ...(isNew ? ['ecr:CreateRepository'] : [])]) {
      if (await mayPrincipal(`arn:aws:iam::${account}:role/${role}`, action, arn, aws)) continue;
      return `User: arn:aws:sts::${account}:assumed-role/${role} is not authorized to perform: ${action} on resource: ${arn} because no identity-based policy allows the ${action} action`;
    }
    return undefined;
  }

  private async exists(repositoryName: string): Promise<boolean> {
    const { repositories = [] } = await this.options.aws.ecr.describeRepositories({});
    return repositories.some(each => each.repositoryName === repositoryName);
  }

  /** An index with its images. */
  private async copy(from: string, to: string, reference: string): Promise<string> {
    const { store } = this.options;
    const { body, headers } = await store.v2('GET', `${from}/manifests/${reference}`);
    const manifest = parseManifest(body.toString())!;
    for (const { digest } of manifest.manifests ?? []) await this.copy(from, to, digest!);
    for (const digest of blobsOf(manifest)) {
      const session = await store.v2('POST', `${to}/blobs/uploads/`);
      const [, upload] = /\/v2\/(.*)$/.exec(String(session.headers.location))!;
      const blob = await store.v2('GET', `${from}/blobs/${digest}`);
      await store.v2('PUT', `${upload}?digest=${encodeURIComponent(digest)}`, blob.body);
    }
    const type = headers['content-type'] as string;
    const put = await store.v2('PUT', `${to}/manifests/${reference}`, body, type);
    return String(put.headers['docker-content-digest']);
  }
}

/** @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-eventbridge.html */
export function pulledThrough(
  { prefix, upstreamUrl }: Pick<PullThroughRule, 'prefix' | 'upstreamUrl'>,
  image: { readonly repository: string; readonly tag: string; readonly digest: string },
  { region, account }: Pick<PullThroughOptions, 'region' | 'account'>,
): EventDraft {
  return {
    source: 'aws.ecr',
    detailType: 'ECR Pull Through Cache Action',
    resources: [`arn:aws:ecr:${region}:${account}:repository/${image.repository}`],
    detail: {
      'rule-version': '1',
      'sync-status': 'SUCCESS',
      'ecr-repository-prefix': prefix,
      'repository-name': image.repository,
      'upstream-registry-url': upstreamUrl,
      'image-tag': image.tag,
      'image-digest': image.digest,
    },
  };
}

/** As people quote it; of a registry that asks for credentials. */
function unableTo(what: string): string {
  return `Unable to get upstream image matching pull through cache rule. The pull through cache rule ${what}`;
}
