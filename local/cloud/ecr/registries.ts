import { Archive } from './archive';
import { RepositoryStore } from './repository-store';
import { repository as judged } from '../accounts/foreign-resource';
import { whyNotLetIn } from '../accounts/let-in';
import { Place, Places } from '../accounts/places';
import { Upstream } from '../gateway/upstream';
import { Pullers } from '../pullers';
import { mayPrincipal } from '../rights';

/** A repository, as the puller sees it. */
export interface Found {
  readonly place: Place;
  /** Why the puller may not; undefined if it may. */
  readonly refused: string | undefined;
}

/**
 * The registries of all accounts and regions. Where each has a host of its own on AWS, one host stands for
 * all of them here: a repository that the puller's account has not is that of another account.
 */
export class Registries {
  private readonly stores = new Map<string, RepositoryStore>();
  private readonly archives = new Map<RepositoryStore, Archive>();

  constructor(
    private readonly places: Places,
    private readonly upstream: Upstream,
    private readonly pullers: Pullers,
  ) {}

  public in(place: Place): RepositoryStore {
    const key = `${place.account}.${place.region}`;
    const store = this.stores.get(key) ?? new RepositoryStore(this.places.in(place), this.upstream, place);
    this.stores.set(key, store);
    return store;
  }

  public archiveIn(place: Place): Archive {
    const store = this.in(place);
    const archive = this.archives.get(store) ?? new Archive(store);
    this.archives.set(store, archive);
    return archive;
  }

  /** Where a repository is that somebody names without its account. */
  public async find(repository: string, pullerKey: string | undefined, action: string): Promise<Found> {
    const own = await this.places.of({ accessKeyId: pullerKey, region: undefined });
    const others = this.places.others(own);
    if (others.length === 0 || (await this.in(own).has(repository))) {
      return { place: own, refused: undefined };
    }
    const [place, another] = (
      await Promise.all(others.map(async each => ((await this.in(each).has(repository)) ? [each] : [])))
    ).flat();
    if (another !== undefined) throw new Error(`${repository} is in several accounts: which one is not said`);
    if (place === undefined) return { place: own, refused: undefined };
    return { place, refused: await this.whyRefused(place, repository, own, pullerKey, action) };
  }

  private async whyRefused(
    owner: Place,
    repository: string,
    puller: Place,
    pullerKey: string | undefined,
    action: string,
  ): Promise<string | undefined> {
    const resource = judged(owner, repository);
    const role = await this.pullers.roleOf(pullerKey);
    const who = `arn:aws:iam::${puller.account}:role/${role}`;
    if (role !== undefined && !(await mayPrincipal(who, action, resource.arn, this.places.in(puller)))) {
      return `User: ${who} is not authorized to perform: ${action} on resource: ${resource.arn} because no identity-based policy allows the ${action} action`;
    }
    return whyNotLetIn(resource, puller.account, action, this.places);
  }
}
