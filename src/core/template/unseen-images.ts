import { CONTAINER_IMAGES, imagesUnder } from './container-images';

/** Names of what has an image in it, as AWS names them. */
const OF_IMAGES = /^image(?:uri|identifier)?$|(?:containers?|containerdefinitions?|properties)$/i;

/** Properties that are named so, and have none. A test compares them with the newest types of the CDK. */
export const WITHOUT_IMAGES = [
  'ConsumableResourceProperties',
  'ProxyConfigurationProperties',
  'SourceContainer',
];

/** Maps whose keys the author of a template chooses. */
const MAPS = [
  'Annotations',
  'DockerLabels',
  'DriverOpts',
  'Labels',
  'Options',
  'Parameters',
  'Tags',
  'Variables',
];

const SKIPPED = new Set([...WITHOUT_IMAGES, ...MAPS].map(name => name.toLowerCase()));

/** Whether a property is named like one that has an image in it. */
export function isNamedForImages(name: string): boolean {
  return OF_IMAGES.test(name) && !SKIPPED.has(name.toLowerCase());
}

/**
 * Why a resource may run an image that is at no known place: an element of a list names none, or there is a
 * part that the known places do not have and that is named like one with an image. Other new properties are
 * ignored. Undefined if all is known.
 */
export function whyUnseen(type: string, properties: unknown): string | undefined {
  const paths = (CONTAINER_IMAGES.get(type) ?? []).map(path => path.split('.'));
  return unseenIn(properties, paths, ['Properties']);
}

function unseenIn(
  value: unknown,
  paths: readonly (readonly string[])[],
  location: readonly string[],
): string | undefined {
  const inLists = behind(paths, '*');
  if (inLists.length > 0 && value !== undefined && value !== null) {
    return first([value].flat(), (each, at) => {
      const place = [...location, String(at)];
      return imagesUnder(each, inLists).length === 0
        ? `${place.join('/')} names no image where the gate knows to look`
        : unseenIn(each, inLists, place);
    });
  }
  if (typeof value !== 'object' || value === null) return undefined;
  return first(Object.entries(value), ([key, part]) => {
    const place = [...location, key];
    const inside = behind(paths, key);
    if (inside.length > 0) return unseenIn(part, inside, place);
    return mayName(key, part) ? `it has ${place.join('/')}, which the gate does not know` : undefined;
  });
}

/** What follows a key in the paths. The last part of a path is the image itself. */
function behind(paths: readonly (readonly string[])[], key: string): (readonly string[])[] {
  return paths.filter(([name]) => name?.toLowerCase() === key.toLowerCase()).map(([, ...rest]) => rest);
}

function mayName(key: string, value: unknown): boolean {
  if (SKIPPED.has(key.toLowerCase()) || value === undefined || value === null) return false;
  return isNamedForImages(key) || namesInside(value);
}

function namesInside(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Array.isArray(value)
    ? value.some(namesInside)
    : Object.entries(value).some(([key, part]) => mayName(key, part));
}

function first<T>(all: readonly T[], why: (each: T, at: number) => string | undefined): string | undefined {
  for (const [at, each] of all.entries()) {
    const found = why(each, at);
    if (found !== undefined) return found;
  }
  return undefined;
}
