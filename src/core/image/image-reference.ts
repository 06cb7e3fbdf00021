import { Digest, parseImageName, registryHost, Repository, type Place } from './image';
import { REPOSITORY_NAME } from './repository-name';
import { failed, ok, type Result } from '../result';
import { quoted } from '../text/plain-text';

/** An image as people and registry clients name it. Of a tag and a digest, the digest decides. */
export interface ImageReference {
  /** As it was written, without tag and digest. */
  readonly name: string;
  /** `docker.io` for Docker Hub, by whichever name. */
  readonly host: string;
  /** The repository, in its full name: `library/debian` for `debian`. */
  readonly path: string;
  readonly tag?: string;
  readonly digest?: string;
  /** The repository in Amazon ECR, where the host is a registry of Amazon ECR. */
  readonly ecr?: Repository;
}

/** Longer than any reference can be. */
const LONGEST = 1024;
const PARTS = /^([^@]*?)(?::(\w[\w.-]{0,127}))?(?:@([^@]*))?$/;
const HOST =
  /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?$/;
const DIGEST = /^(?:sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128})$/;
/** To clients it is the id of an image on their machine. */
const LOCAL_ID = /^[0-9a-f]{64}$/;

/**
 * Reads a reference as registry clients do; of a registry of Amazon ECR, by the stricter rules of that. The
 * error says what is wrong with it, as the end of a sentence about it.
 *
 * @see https://github.com/distribution/reference/blob/v0.6.0/reference.go
 */
export function readImageReference(text: string): Result<ImageReference, string> {
  const [, name, tag, digest] = text.length > LONGEST ? [] : (PARTS.exec(text) ?? []);
  if (name === undefined) return failed('is not the name of an image');
  if (LOCAL_ID.test(text)) return failed('is the id of an image, not its name');
  const { host, path } = hostAndPath(name);
  if (!HOST.test(host)) return failed('has a registry that is not the name of a host');
  if (digest !== undefined && !DIGEST.test(digest)) return failed('has no whole digest');
  const which = { ...(tag !== undefined && { tag }), ...(digest !== undefined && { digest }) };
  const registry = ecrRegistry(host);
  if (registry === undefined) {
    return REPOSITORY_NAME.test(path)
      ? ok({ name, host, path, ...which })
      : failed('has a repository whose name is not valid');
  }
  const ecr = Repository.safeParse({ ...registry, repository: path });
  if (!ecr.success) return failed('has a repository whose name Amazon ECR does not allow');
  return ok({ name, host, path, ...which, ecr: ecr.data });
}

/** What stands before the first slash is a registry only if it cannot be a name on Docker Hub. */
function hostAndPath(name: string): { readonly host: string; readonly path: string } {
  const slash = name.indexOf('/');
  const first = slash < 0 ? '' : name.slice(0, slash);
  const isHost = /[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase();
  const host = isHost ? first : 'docker.io';
  const path = isHost ? name.slice(slash + 1) : name;
  if (host !== 'docker.io' && host !== 'index.docker.io') return { host, path };
  return { host: 'docker.io', path: path.includes('/') ? path : `library/${path}` };
}

/** What names a repository of Amazon ECR, and perhaps which of its images. */
export interface EcrReference extends Repository {
  readonly tag?: string;
  readonly digest?: string;
}

const ALLOWED = '<account>.dkr.ecr.<region>.amazonaws.com/<repository>@sha256:<64 hex>';

/** Reads what registry clients write, and the name that this library gives to an image. */
export function readEcrReference(text: string): Result<EcrReference, string> {
  const named = parseImageName(text);
  if (named.ok) return ok(named.value);
  const image = `the image ${quoted(text, 500)}`;
  const read = readImageReference(text);
  if (!read.ok) return failed(`${image} ${read.error}, allowed: ${ALLOWED}`);
  const { host, tag, digest, ecr } = read.value;
  if (ecr === undefined) {
    return failed(
      `${image} is in ${quoted(host, 300)}, which is not a registry of Amazon ECR, allowed: ${ALLOWED}`,
    );
  }
  if (digest !== undefined && !Digest.safeParse(digest).success) {
    return failed(`${image} has a digest that Amazon ECR does not use, allowed: sha256:<64 hex>`);
  }
  return ok({ ...ecr, ...(tag !== undefined && { tag }), ...(digest !== undefined && { digest }) });
}

/**
 * Hosts are compared whole (rule 5.7, fail closed): a host that only begins or ends like a registry of Amazon
 * ECR is another registry.
 */
function ecrRegistry(host: string): Place | undefined {
  const [, account, region] = /^(\d{12})\.dkr[.-]ecr(?:-fips)?\.([a-z0-9-]+)\./.exec(host) ?? [];
  const place = Repository.pick({ account: true, region: true }).safeParse({ account, region });
  return place.success && hostsOf(place.data).includes(host) ? place.data : undefined;
}

/**
 * The host of Amazon ECR that is meant by one with a port or in capitals. To clients these are different
 * registries.
 */
export function meantRegistry(host: string): string | undefined {
  const meant = host.toLowerCase().replace(/:\d+$/, '');
  return meant !== host && ecrRegistry(meant) !== undefined ? meant : undefined;
}

/** Each partition has a suffix of its own. @see https://docs.aws.amazon.com/general/latest/gr/ecr.html */
const SUFFIXES: readonly (readonly [prefix: string, suffix: string, dualStack?: string])[] = [
  ['cn-', 'amazonaws.com.cn', 'on.amazonwebservices.com.cn'],
  ['us-isob-', 'sc2s.sgov.gov'],
  ['us-isof-', 'csp.hci.ic.gov'],
  ['us-iso-', 'c2s.ic.gov'],
  ['eu-isoe-', 'cloud.adc-e.uk'],
  ['eusc-', 'amazonaws.eu'],
  ['', 'amazonaws.com', 'on.aws'],
];

/** What the names of hosts end with in a region: `AWS::URLSuffix`. */
export function urlSuffixOf(region: string): string {
  return suffixesOf(region)[1];
}

function suffixesOf(region: string): (typeof SUFFIXES)[number] {
  return SUFFIXES.find(([prefix]) => region.startsWith(prefix))!;
}

/** All names of one registry: its images are the same by each of them. */
function hostsOf({ account, region }: Place): string[] {
  const [, suffix, dualStack] = suffixesOf(region);
  return [
    registryHost({ account, region }, suffix),
    `${account}.dkr.ecr-fips.${region}.${suffix}`,
    ...(dualStack === undefined
      ? []
      : [`${account}.dkr-ecr.${region}.${dualStack}`, `${account}.dkr-ecr-fips.${region}.${dualStack}`]),
  ];
}
