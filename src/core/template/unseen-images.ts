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
  'EnvironmentVariables',
  'Labels',
  'Options',
  'Parameters',
  'Tags',
  'Variables',
];

/** The same of the types whose names begin so. In others the image is in a part of that name. */
const SKIPPED_OF: Readonly<Record<string, readonly string[]>> = {
  'AWS::EMRServerless::': ['Properties'],
  'AWS::SageMaker::': ['CustomerMetadataProperties', 'Environment', 'MetadataProperties'],
};

const SKIPPED = lowerCase([...WITHOUT_IMAGES, ...MAPS]);

function lowerCase(names: readonly string[]): ReadonlySet<string> {
  return new Set(names.map(name => name.toLowerCase()));
}

/** What in a resource of this type has no image, however it is called. */
export function skippedIn(type: string): ReadonlySet<string> {
  const own = Object.entries(SKIPPED_OF).filter(([begin]) => type.startsWith(begin));
  return new Set([...SKIPPED, ...lowerCase(own.flatMap(([, names]) => names))]);
}

/** Whether a property is named like one that has an image in it. */
export function isNamedForImages(name: string, skipped: ReadonlySet<string>): boolean {
  return OF_IMAGES.test(name) && !skipped.has(name.toLowerCase());
}

/**
 * Why a resource may run an image that is at no known place: an element of a list, or a part that has to,
 * names none, a part is text in which nobody looks, or there is a part that the known places do not have and
 * that is named like one with an image. Other new properties are ignored. Undefined if all is known.
 */
export function whyUnseen(type: string, properties: unknown): string | undefined {
  const paths = (CONTAINER_IMAGES.get(type) ?? []).map(path => path.split('.'));
  const search = {
    skipped: skippedIn(type),
    isBesideImages: imagesUnder(properties, paths).length > 0,
  };
  return unseenIn(properties, paths, ['Properties'], search);
}

interface Search {
  readonly skipped: ReadonlySet<string>;
  /** Without one, whoever asks decides whether the resource may run none. */
  readonly isBesideImages: boolean;
}

function unseenIn(
  value: unknown,
  paths: readonly (readonly string[])[],
  location: readonly string[],
  search: Search,
): string | undefined {
  if (value !== undefined && value !== null && typeof value !== 'object') {
    return `${location.join('/')} is ${typeof value === 'string' ? 'text' : `a ${typeof value}`}, allowed: an object with the images that the gate judges; write the text out as one`;
  }
  const inLists = paths.filter(([name]) => name === '*').map(([, ...rest]) => rest);
  if (inLists.length > 0 && value !== undefined && value !== null) {
    return first([value].flat(), (each, at) => {
      const place = [...location, String(at)];
      return typeof each !== 'object' || imagesUnder(each, inLists).length === 0
        ? `${place.join('/')} names no image where the gate knows to look`
        : unseenIn(each, inLists, place, search);
    });
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const [unnamed] = paths.filter(
    ([name, ...rest]) => rest.length === 0 && !Object.keys(value).some(key => isCalled(key, name!)),
  );
  if (unnamed !== undefined && search.isBesideImages) {
    return `${location.join('/')} has no ${unnamed[0]}, so it is not known what runs`;
  }
  return first(Object.entries(value), ([key, part]) => {
    const place = [...location, key];
    const inside = behind(paths, key);
    // the last part is the image itself
    const deeper = inside.filter(path => path.length > 0);
    if (deeper.length > 0) return unseenIn(part, deeper, place, search);
    if (inside.length > 0) return undefined;
    const named = namedIn(place, part, search.skipped);
    return named && `it has ${named.join('/')}, which the gate does not know`;
  });
}

/** Types of CloudFormation that are JSON take either case. */
function isCalled(key: string, name: string): boolean {
  return name === '%' || key.toLowerCase() === name.toLowerCase();
}

/** What follows a key in the paths. The last part of a path is the image itself. */
function behind(paths: readonly (readonly string[])[], key: string): (readonly string[])[] {
  return paths.filter(([name]) => name !== undefined && isCalled(key, name)).map(([, ...rest]) => rest);
}

/** The whole place of what is named like a part with an image: its author has to find it. */
function namedIn(
  place: readonly string[],
  value: unknown,
  skipped: ReadonlySet<string>,
): readonly string[] | undefined {
  const key = place.at(-1)!;
  if (skipped.has(key.toLowerCase()) || value === undefined || value === null) return undefined;
  if (isNamedForImages(key, skipped)) return place;
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
