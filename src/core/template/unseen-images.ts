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

/** The same of one type. In others the image is in a part of that name. */
const MAPS_OF: Readonly<Record<string, readonly string[]>> = { 'AWS::SageMaker::Model': ['Environment'] };

const SKIPPED = lowerCase([...WITHOUT_IMAGES, ...MAPS]);

function lowerCase(names: readonly string[]): ReadonlySet<string> {
  return new Set(names.map(name => name.toLowerCase()));
}

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
  const skipped = new Set([...SKIPPED, ...lowerCase(MAPS_OF[type] ?? [])]);
  return unseenIn(properties, paths, ['Properties'], skipped);
}

function unseenIn(
  value: unknown,
  paths: readonly (readonly string[])[],
  location: readonly string[],
  skipped: ReadonlySet<string>,
): string | undefined {
  const inLists = behind(paths, '*');
  if (inLists.length > 0 && value !== undefined && value !== null) {
    return first([value].flat(), (each, at) => {
      const place = [...location, String(at)];
      return imagesUnder(each, inLists).length === 0
        ? `${place.join('/')} names no image where the gate knows to look`
        : unseenIn(each, inLists, place, skipped);
    });
  }
  if (typeof value !== 'object' || value === null) return undefined;
  return first(Object.entries(value), ([key, part]) => {
    const place = [...location, key];
    const inside = behind(paths, key);
    if (inside.length > 0) return unseenIn(part, inside, place, skipped);
    const named = namedIn(place, part, skipped);
    return named && `it has ${named.join('/')}, which the gate does not know`;
  });
}

/** What follows a key in the paths. The last part of a path is the image itself. */
function behind(paths: readonly (readonly string[])[], key: string): (readonly string[])[] {
  return paths.filter(([name]) => name?.toLowerCase() === key.toLowerCase()).map(([, ...rest]) => rest);
}

/** The whole place of what is named like a part with an image: its author has to find it. */
function namedIn(
  place: readonly string[],
  value: unknown,
  skipped: ReadonlySet<string>,
): readonly string[] | undefined {
  const key = place.at(-1)!;
  if (skipped.has(key.toLowerCase()) || value === undefined || value === null) return undefined;
  if (isNamedForImages(key)) return place;
  if (typeof value !== 'object') return undefined;
  return first(Object.entries(value), ([inner, part]) => namedIn([...place, inner], part, skipped));
}

function first<T, W>(all: readonly T[], why: (each: T, at: number) => W | undefined): W | undefined {
  for (const [at, each] of all.entries()) {
    const found = why(each, at);
    if (found !== undefined) return found;
  }
  return undefined;
}
