import * as z from 'zod';
import { ECR_REPOSITORY_NAME } from './repository-name';
import { failed, ok, type Result } from '../result';

const DIGEST = /^sha256:[0-9a-f]{64}$/;
const ACCOUNT = /^\d{12}$/;
const REGION = /^[a-z]{2,4}(-[a-z]+)+-\d$/;

export const Digest = z.string().regex(DIGEST, 'not a digest, allowed: sha256:<64 hex>');

/** All four parts are the identity: one digest in two repositories is two images. */
export const Image = z.object({
  account: z.string().regex(ACCOUNT),
  region: z.string().regex(REGION),
  repository: z.string().regex(ECR_REPOSITORY_NAME),
  digest: Digest,
});
export type Image = z.infer<typeof Image>;

/** A repository of Amazon ECR. */
export const Repository = Image.omit({ digest: true });
export type Repository = z.infer<typeof Repository>;

export type Place = Pick<Image, 'account' | 'region'>;

/** Of `<account>.<region>`. */
export function placeOf(text: string): Place {
  const [account = '', region = ''] = text.split('.');
  return { account, region };
}

/**
 * Why an image is not scanned here, or undefined: a message can name an image of any region. Which accounts
 * are enrolled, the enrolment says.
 */
export function whyOtherRegion({ account, region }: Place, home: Place): string | undefined {
  if (region === home.region) return undefined;
  return `it is in ${account}.${region}, and only images of ${home.region} are scanned here`;
}

/** The account of an image, if it is not the account of the trust. */
export function otherAccount({ account }: Pick<Place, 'account'>, home: Place): string | undefined {
  return account === home.account ? undefined : account;
}

/** `<account>.<region>/<repository>@<digest>`: the key of everything that is kept about an image. */
export type ImageName = string;

export function imageName(image: Image): ImageName {
  return `${image.account}.${image.region}/${image.repository}@${image.digest}`;
}

export function parseImageName(name: string): Result<Image, string> {
  const [, account, region, repository, digest] =
    /^(\d{12})\.([a-z0-9-]+)\/([^@]+)@(sha256:[0-9a-f]{64})$/.exec(name) ?? [];
  const image = Image.safeParse({ account, region, repository, digest });
  return image.success
    ? ok(image.data)
    : failed(
        `not an image: ${JSON.stringify(name).slice(0, 200)}, allowed: <account>.<region>/<repository>@sha256:<64 hex>`,
      );
}

export const ImageName = z
  .string()
  .refine(
    name => parseImageName(name).ok,
    'not an image, allowed: <account>.<region>/<repository>@sha256:<64 hex>',
  );

/** For names that are known to be valid. */
export function imageOf(name: ImageName): Image {
  const image = parseImageName(name);
  if (!image.ok) throw new Error(image.error);
  return image.value;
}

/** The repository of an image: `<account>.<region>/<repository>`. */
export function repositoryOf(image: ImageName): string {
  const { account, region, repository } = imageOf(image);
  return `${account}.${region}/${repository}`;
}

/** `<account>.dkr.ecr.<region>.<suffix>/<repository>` */
export function repositoryReference({ account, region, repository }: Repository, urlSuffix: string): string {
  return `${registryHost({ account, region }, urlSuffix)}/${repository}`;
}

export function registryHost(
  { account, region }: Pick<Image, 'account' | 'region'>,
  urlSuffix: string,
): string {
  return `${account}.dkr.ecr.${region}.${urlSuffix}`;
}

/** What a registry client asks for: `<account>.dkr.ecr.<region>.<suffix>/<repository>@<digest>`. */
export function imageReference(image: Image, urlSuffix: string): string {
  return `${repositoryReference(image, urlSuffix)}@${image.digest}`;
}

/** The same repository, another digest: how an index names its children. */
export function sibling(image: Image, digest: string): Image {
  return { ...image, digest };
}
