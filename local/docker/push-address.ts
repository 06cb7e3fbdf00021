const ECR_NAME = /^\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com\/([^:@]+):([^:@]+)$/;
const LOOPBACK = ['127.0.0.1', 'localhost'];
const REMEDY =
  'start the embedded cloud and take its environment: npm run local:up, then eval "$(npm run --silent local:env)"';

export interface PushAddress {
  readonly registry: string;
  readonly repository: string;
  readonly tag: string;
}

/**
 * Where the embedded cloud has the repository that a name on AWS means. Never AWS itself: this pushes without
 * a login.
 */
export function pushAddress(image: string, endpoint: string | undefined): PushAddress {
  const [, repository, tag] = ECR_NAME.exec(image) ?? [];
  if (repository === undefined || tag === undefined) {
    throw new Error(
      `${JSON.stringify(image)} is no image to push, allowed: <account>.dkr.ecr.<region>.amazonaws.com/<repository>:<tag>; tag the image so before`,
    );
  }
  if (endpoint === undefined || !URL.canParse(endpoint) || !LOOPBACK.includes(new URL(endpoint).hostname)) {
    throw new Error(
      `AWS_ENDPOINT_URL is ${JSON.stringify(endpoint ?? '')}, allowed: an address of ${LOOPBACK.join(' or ')}; ${REMEDY}`,
    );
  }
  return { registry: new URL(endpoint).origin, repository, tag };
}
