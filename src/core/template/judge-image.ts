import { UNKNOWN_ACCOUNT, UNKNOWN_REGION, type TemplateValues, type Value } from './template-values';
import { isEnrolledByName, isEnrolledByTags, needsTags, type Enrolment } from '../image/enrolment';
import type { Place, Repository } from '../image/image';
import { readImageReference } from '../image/image-reference';
import { plainText, quoted } from '../text/plain-text';

export const IMAGE_RULES = ['by-tag', 'not-enrolled', 'without-trust', 'unresolved'] as const;

/** What is wrong with an image that a template names. */
export interface ImageIssue {
  readonly rule: (typeof IMAGE_RULES)[number];
  readonly message: string;
  readonly fix: string;
}

/** What the images of templates are held against. */
export interface AllowedImages {
  readonly enrolment: Enrolment;
  /** The registry of the enrolled repositories. */
  readonly registry: Place;
  /** Of external images. */
  readonly digests: ReadonlySet<string>;
  /** A digest alone is not enough: the deployment has to ask. */
  readonly needsTrustedImage: boolean;
  /** The resource tags of a repository. Undefined: the app does not make it. */
  resourceTags(repository: string): Readonly<Record<string, string>> | undefined;
}

const ASSETS = /^cdk-[a-z0-9]+-container-assets-/;
const TRUSTED = 'it gives the deployment the digest that was judged';

/** Undefined: the image may be there. */
export function judgeImage(
  value: Value,
  values: TemplateValues,
  allowed: AllowedImages,
): ImageIssue | undefined {
  if (!value.ok) {
    return unresolved(`the image depends on ${value.error}, which is known only at deployment`);
  }
  if (typeof value.value !== 'string') return unresolved('the image is a list');
  const image = `the image ${quoted(values.shown(value.value), 500)}`;
  const read = readImageReference(value.value);
  if (!read.ok) return unresolved(`${image} ${values.shown(read.error)}`);
  const { digest, tag = 'latest', ecr } = read.value;
  if (digest === undefined) return byTag(image, tag, ecr);
  if (allowed.digests.has(digest)) return undefined;
  const trusted = values.trustedDigest(digest);
  if (trusted !== undefined) {
    const isOf = (of: readonly Value[], name?: string) => of.some(each => each.ok && each.value === name);
    const { account, region, repository } = trusted;
    return isOf(account, ecr?.account) && isOf(region, ecr?.region) && isOf(repository, ecr?.repository)
      ? undefined
      : {
          rule: 'not-enrolled',
          message: `${image} has the digest of a TrustedImage of another repository`,
          fix: 'use imageUri, toEcsImage() or toLambdaCode() of the TrustedImage',
        };
  }
  const elsewhere = ecr === undefined ? OTHER_REGISTRY : whyNotEnrolled(ecr, values, allowed);
  if (elsewhere !== undefined) {
    return {
      rule: 'not-enrolled',
      message: `${image} ${elsewhere}, so nobody scans it`,
      fix: 'copy it to an enrolled repository or enrol its repository, and use TrustedImage; or list its digest in allowedImages',
    };
  }
  return allowed.needsTrustedImage
    ? {
        rule: 'without-trust',
        message: `the deployment does not ask whether ${image} is trusted`,
        fix: `use TrustedImage.fromDigest(): ${TRUSTED}`,
      }
    : undefined;
}

const OTHER_REGISTRY = 'is in a registry that is not of Amazon ECR';

function unresolved(message: string): ImageIssue {
  return {
    rule: 'unresolved',
    message,
    fix: `use TrustedImage, which takes values that are known only at deployment: ${TRUSTED}`,
  };
}

function byTag(image: string, tag: string, ecr: Repository | undefined): ImageIssue {
  const from = ecr !== undefined && ASSETS.test(ecr.repository) ? 'fromAsset' : 'fromTag';
  return {
    rule: 'by-tag',
    message: `${image} is named by its tag ${quoted(tag, 128)}, which can name another image tomorrow`,
    fix:
      ecr === undefined
        ? 'copy it to an enrolled repository, and use TrustedImage; or name it by its digest, and list the digest in allowedImages'
        : `use TrustedImage.${from}(): ${TRUSTED}`,
  };
}

function whyNotEnrolled(
  { account, region, repository }: Repository,
  values: TemplateValues,
  { enrolment, registry, resourceTags }: AllowedImages,
): string | undefined {
  const place = (where: Place) => plainText(values.shown(`${where.account}.${where.region}`), 300);
  if (account !== registry.account || region !== registry.region) {
    if (region === registry.region && isEnrolledByName(enrolment, repository, account)) return undefined;
    const isUnknown = [account, registry.account].includes(UNKNOWN_ACCOUNT) || region === UNKNOWN_REGION;
    return `is in the registry of ${place({ account, region })}, and the enrolled repositories are in ${place(registry)}${isUnknown ? '; give the stack its account and region, or give them to the plugin' : ''}`;
  }
  const byName = values.isUnnamed(repository)
    ? enrolment.some(
        each =>
          each.by === 'all' || (each.by === 'name' && each.account === undefined && each.name === repository),
      )
    : isEnrolledByName(enrolment, repository);
  const tags = resourceTags(repository);
  if (byName || (tags !== undefined && isEnrolledByTags(enrolment, repository, tags))) return undefined;
  return tags === undefined && needsTags(enrolment)
    ? 'is in a repository of which only the registry knows the resource tags'
    : 'is in a repository that is not enrolled';
}
