/** Where a gate runs. */
export interface Place {
  readonly region: string;
  /** `amazonaws.com`, or what a partition has in its place. */
  readonly urlSuffix: string;
  /** Of the embedded cloud. AWS sets none. */
  readonly endpoint?: string;
}

const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]'];

/**
 * Why nothing is sent there, or undefined if CloudFormation takes answers there: in a bucket of its own, one
 * a region, whose name has the region without dashes. A message could name any other URL, and the gate is no
 * errand boy.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-vpce-bucketnames.html
 */
export function whyNoAnswer(responseUrl: string, { region, urlSuffix, endpoint }: Place): string | undefined {
  if (!URL.canParse(responseUrl)) return 'it is no URL';
  const { protocol, hostname, host, username, password, origin } = new URL(responseUrl);
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
  return bucketHost(region, urlSuffix).test(hostname)
    ? undefined
    : `its host is ${JSON.stringify(hostname.slice(0, 120))}, allowed: CloudFormation's bucket in ${region}`;
}

/**
 * `<bucket>.s3.<suffix>`, `<bucket>.s3.<region>.<suffix>`, `<bucket>.s3-<region>.<suffix>` and what else S3
 * calls itself.
 */
function bucketHost(region: string, urlSuffix: string): RegExp {
  const [undashed, suffix] = [region.replaceAll('-', ''), urlSuffix.replaceAll('.', '\\.')];
  return new RegExp(
    `^cloudformation-custom-resource-response-(?:${undashed}|${region})\\.s3[.-](?:[a-z0-9-]+\\.){0,3}${suffix}$`,
  );
}
