import type { Interruptions } from './interruptions';
import { storedImage, type Stored } from './zoo';
import { imageName, imageOf, sibling, type Image, type ImageName } from '../../../src/core/image/image';
import { failed, ok, type Result } from '../../../src/core/result';
import type { StoredImage } from '../../../src/core/revocation/archive';
import type { FetchedManifest, ManifestFailure } from '../../../use-cases/scanning/dispatch-ports';

interface Pushed extends Stored {
  readonly image: Image;
  readonly tags: string[];
  readonly pushedAt: Date;
}

/** Amazon ECR as far as dispatch and reconcile read it. */
export class MemoryRegistry {
  public readonly pushed: Pushed[] = [];
  public throttles = false;
  public denies = false;
  public tagsOfRepositories: Record<string, string> = {};

  /** By image, when it was archived, restored and pulled. */
  private readonly stored = new Map<ImageName, Omit<StoredImage, 'tags'>>();

  constructor(
    private readonly interruptions: Interruptions,
    private readonly now: () => Date,
  ) {}

  public add(image: Omit<Image, 'digest'>, stored: Stored): Image {
    const whole = sibling(image as Image, stored.digest);
    if (this.find(whole) === undefined) {
      this.pushed.push({ ...stored, image: whole, tags: [], pushedAt: this.now() });
    }
    return whole;
  }

  /** An image of the zoo; the children of an index with it. */
  public addFromZoo(
    repository: Omit<Image, 'digest'>,
    name: string,
    platforms: readonly string[] = [],
  ): Image {
    for (const platform of platforms) this.add(repository, storedImage(`${name}.${platform}`));
    return this.add(repository, storedImage(name));
  }

  public tag(image: Image, tag: string): void {
    this.find(image)?.tags.push(tag);
  }

  /** A tag names one image at a time. */
  public moveTag(image: Image, tag: string): void {
    const before = this.pushed.filter(
      ({ image: { repository }, tags }) => repository === image.repository && tags.includes(tag),
    );
    for (const { tags } of before) tags.splice(tags.indexOf(tag), 1);
    this.tag(image, tag);
  }

  public remove(image: Image): void {
    this.pushed.splice(this.pushed.indexOf(this.find(image)!), 1);
  }

  public async manifest(image: Image): Promise<Result<FetchedManifest, ManifestFailure>> {
    await this.interruptions.before('images.manifest');
    if (this.throttles) return failed({ problem: 'busy', message: 'ThrottlingException' });
    if (this.denies) {
      return failed({ problem: 'denied', message: 'the registry answered AccessDeniedException' });
    }
    const found = this.isArchived(image) ? undefined : this.find(image);
    if (found === undefined) {
      return failed({
        problem: 'not-found',
        message: `the repository ${image.repository} has no image ${image.digest}`,
      });
    }
    return ok({ text: JSON.stringify(found.manifest), mediaType: found.mediaType });
  }

  public async *repositories(): AsyncIterable<{ name: string; arn: string; account: string }> {
    await this.interruptions.before('images.repositories');
    const names = new Map(this.pushed.map(({ image }) => [image.repository, image]));
    for (const { repository, region, account } of names.values()) {
      yield { name: repository, arn: `arn:aws:ecr:${region}:${account}:repository/${repository}`, account };
    }
  }

  public async tags(): Promise<Record<string, string>> {
    await this.interruptions.before('images.tags');
    return this.tagsOfRepositories;
  }

  public async *images({ account, repository }: Pick<Image, 'account' | 'repository'>): AsyncIterable<{
    digest: string;
    tags: string[];
    pushedAt: Date;
  }> {
    await this.interruptions.before('images.images');
    yield* this.pushed
      .filter(({ image }) => image.account === account && image.repository === repository)
      .filter(({ image }) => !this.isArchived(image))
      .map(({ digest, tags, pushedAt }) => ({ digest, tags, pushedAt }));
  }

  public async *archived({
    account,
    repository,
  }: Pick<Image, 'account' | 'repository'>): AsyncIterable<string> {
    yield* this.pushed
      .filter(({ image }) => image.account === account && image.repository === repository)
      .filter(({ image }) => this.isArchived(image))
      .map(({ digest }) => digest);
  }

  public isArchived(image: Image): boolean {
    return this.stored.get(imageName(image))?.status === 'ARCHIVED';
  }

  public async look(image: ImageName): Promise<StoredImage | undefined> {
    const found = this.find(imageOf(image));
    return found && { status: 'ACTIVE', ...this.stored.get(image), tags: [...found.tags] };
  }

  public async archive(image: ImageName): Promise<void> {
    this.stored.set(image, { ...this.stored.get(image), status: 'ARCHIVED' });
  }

  public async restore(image: ImageName): Promise<void> {
    this.stored.set(image, { ...this.stored.get(image), status: 'ACTIVE', lastRestoredAt: this.now() });
  }

  /** Somebody, and not the scanner. */
  public pull(image: ImageName): void {
    this.stored.set(image, { status: 'ACTIVE', ...this.stored.get(image), lastPulledAt: this.now() });
  }

  private find({ repository, digest }: Image): Pushed | undefined {
    return this.pushed.find(each => each.digest === digest && each.image.repository === repository);
  }
}
