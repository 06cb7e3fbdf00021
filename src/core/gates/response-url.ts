/** The region and partition in which a gate runs. */
export interface Place {
  readonly region: string;
  /** `amazonaws.com`, or the suffix of another partition. */
  readonly urlSuffix: string;
  /** The endpoint of the embedded cloud. Undefined on AWS. */
  readonly endpoint?: string;
}

const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]'];

/**
 * Undefined if the URL is one at which CloudFormation accepts answers, otherwise why no answer is sent.
 * CloudFormation has one bucket for answers in each region, with the region without dashes in its name. A
 * message could name any other URL, and the gate must not send requests to it.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-vpce-bucketnames.html
 */
export function whyNoAnswer(responseUrl: string, place: Place): string | undefined {
  const host = bucketHost(place.region, place.urlSuffix);
  return whyNotAt(responseUrl, place, { host, allowed: `CloudFormation's bucket in ${place.region}` });
}

/** Why a URL is not one of a host of AWS; undefined if it is. The embedded cloud is at a port of its own. */
export function whyNotAt(
  url: string,
  { endpoint }: Place,
  { host: expected, allowed }: { readonly host: RegExp; readonly allowed: string },
): string | undefined {
  if (!URL.canParse(url)) return 'it is not a URL';
  const { protocol, hostname, host, username, password, origin } = new URL(url);
  if (
    LOOPBACK.includes(hostname) &&
    endpoint !== undefined &&
    URL.canParse(endpoint) &&
    new URL(endpoint).origin === origin
  ) {
    return undefined;
  }
  if (protocol !== 'https:') return `it is ${protocol.slice(0, -1)}, allowed: https`;
  if (host !== hostname || username !== '' || password !== '') return 'it has a port, a user or a password';
  return expected.test(hostname)
    ? undefined
    : `its host is ${JSON.stringify(hostname.slice(0, 120))}, allowed: ${allowed}`;
}

/**
 * `<bucket>.s3.<suffix>`, `<bucket>.s3.<region>.<suffix>`, `<bucket>.s3-<region>.<suffix>` and other names of
 * S3.
 */
function bucketHost(region: string, urlSuffix: string): RegExp {
  const [undashed, suffix] = [region.replaceAll('-', ''), urlSuffix.replaceAll('.', '\\.')];
  return new RegExp(
    `^cloudformation-custom-resource-response-(?:${undashed}|${region})\\.s3[.-](?:[a-z0-9-]+\\.){0,3}${suffix}$`,
  );
}
