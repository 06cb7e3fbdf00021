import { Digest, Image, parseImageName, registryHost } from './image';
import { failed, ok, type Result } from '../result';
import { quoted } from '../text/plain-text';

/**
 * What a reference names: a repository, and perhaps which of its images. Of a tag and a digest, the digest is
 * what runs.
 */
export interface ImageReference extends Omit<Image, 'digest'> {
  readonly tag?: string;
  readonly digest?: string;
}

const ALLOWED = '<account>.dkr.ecr.<region>.amazonaws.com/<repository>@sha256:<64 hex>';

/**
 * Reads what registry clients write, and the name that this library gives to an image. Hosts are compared
 * whole (rule 5.7, fail closed): whatever only begins or ends like a registry of Amazon ECR is none.
 */
export function readImageReference(reference: string): Result<ImageReference, string> {
  const named = parseImageName(reference);
  if (named.ok) return ok(named.value);
  const [, host, repository, tag, digest] =
    /^([^/@]+)\/([^@:]+)(?::([\w][\w.-]{0,127}))?(?:@([^@/]+))?$/.exec(reference) ?? [];
  const shown = quoted(reference, 500);
  if (host === undefined) return failed(`the image is ${shown}, allowed: ${ALLOWED}`);
  const registry = registryOf(host);
  if (registry === undefined) {
    return failed(`the image ${shown} lies in a registry that is none of Amazon ECR's, allowed: ${ALLOWED}`);
  }
  const read = Image.omit({ digest: true }).safeParse({ ...registry, repository });
  if (!read.success) {
    return failed(
      `the image ${shown} lies in a repository whose name Amazon ECR does not know, allowed: ${ALLOWED}`,
    );
  }
  if (digest !== undefined && !Digest.safeParse(digest).success) {
    return failed(`the image ${shown} has no whole digest, allowed: sha256:<64 hex>`);
  }
  return ok({ ...read.data, ...(tag !== undefined && { tag }), ...(digest !== undefined && { digest }) });
}

function registryOf(host: string): Pick<Image, 'account' | 'region'> | undefined {
  const [, account, region] = /^(\d{12})\.dkr[.-]ecr(?:-fips)?\.([a-z0-9-]+)\./.exec(host) ?? [];
  return account !== undefined && region !== undefined && hostsOf({ account, region }).includes(host)
    ? { account, region }
    : undefined;
}

/** Each partition has a suffix of its own. @see https://docs.aws.amazon.com/general/latest/gr/ecr.html */
const SUFFIXES: readonly (readonly [prefix: string, suffix: string, dualStack?: string])[] = [
  ['cn-', 'amazonaws.com.cn', 'on.amazonwebservices.com.cn'],
  ['us-isob-', 'sc2s.sgov.gov'],
  ['us-isof-', 'csp.hci.ic.gov'],
  ['us-iso-', 'c2s.ic.gov'],
  ['eu-isoe-', 'cloud.adc-e.uk'],
  ['', 'amazonaws.com', 'on.aws'],
];

/** All names of one registry: its images are the same by each of them. */
function hostsOf({ account, region }: Pick<Image, 'account' | 'region'>): string[] {
  const [, suffix, dualStack] = SUFFIXES.find(([prefix]) => region.startsWith(prefix))!;
  return [
    registryHost({ account, region }, suffix),
    `${account}.dkr.ecr-fips.${region}.${suffix}`,
    ...(dualStack === undefined
      ? []
      : [`${account}.dkr-ecr.${region}.${dualStack}`, `${account}.dkr-ecr-fips.${region}.${dualStack}`]),
  ];
}
