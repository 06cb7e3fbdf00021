import type { ManifestFinding } from './finding';
import { imagesOf } from './pod-specs';
import type { KubernetesObject } from './read-manifest';
import { readImageReference } from '../image/image-reference';
import { quoted } from '../text/plain-text';

/**
 * What is wrong with the images that an object names.
 *
 * @param enrolled repositories with their registry, or prefixes of some that end with `/`; undefined: nobody
 * said which are enrolled, so that tags are only warned of
 */
export function judgeImages(
  object: KubernetesObject,
  enrolled: readonly string[] | undefined,
): ManifestFinding[] {
  return imagesOf(object).flatMap(({ image, path }) => {
    const wrong = whatIsWrong(image, enrolled);
    if (wrong === undefined) return [];
    const { file, name } = object;
    const level = enrolled === undefined ? ('warned' as const) : ('refused' as const);
    return [{ level, file, line: object.lineOf(path), object: name, ...wrong }];
  });
}

type Wrong = Pick<ManifestFinding, 'rule' | 'message' | 'remedy'> & Partial<Pick<ManifestFinding, 'level'>>;

function whatIsWrong(image: string, enrolled: readonly string[] | undefined): Wrong | undefined {
  const shown = `the image ${quoted(image, 500)}`;
  const read = readImageReference(image);
  if (!read.ok) {
    return {
      rule: 'image-unreadable',
      level: 'unclear',
      message: `${shown} ${read.error}`,
      remedy: 'name an image by its digest; a template has to be rendered first',
    };
  }
  const { host, path, digest, tag = 'latest' } = read.value;
  if (digest === undefined) {
    return {
      rule: 'image-by-tag',
      message: `${shown} is named by its tag ${quoted(tag, 128)}, which can name another image tomorrow`,
      remedy: 'name it by its digest: <repository>@sha256:<64 hex>',
    };
  }
  const repository = `${host}/${path}`;
  const isEnrolled = (each: string) =>
    each.endsWith('/') ? repository.startsWith(each) : repository === each;
  return enrolled === undefined || enrolled.some(isEnrolled)
    ? undefined
    : {
        rule: 'image-not-enrolled',
        message: `${shown} is in no enrolled repository, so nobody scans it`,
        remedy: `copy it to an enrolled repository, or enrol its own: ${enrolled.join(', ')} are enrolled`,
      };
}
