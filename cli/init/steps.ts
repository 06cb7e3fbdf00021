import { IMAGES, TRIVY } from './pins';

/**
 * Shell that every pipeline has: the image is built into a folder, which is scanned and pushed. A line is a
 * command, and YAML as it stands.
 */

export const INSTALL_PACKAGES = 'npm ci --ignore-scripts';

export function installTrivy(prefix = ''): string {
  return [
    `curl --fail --silent --show-error --location --retry 3 --output /tmp/trivy.tar.gz ${TRIVY.url}`,
    `echo '${TRIVY.sha256}  /tmp/trivy.tar.gz' | sha256sum --check --quiet`,
    `${prefix}tar --extract --gzip --file /tmp/trivy.tar.gz --directory /usr/local/bin trivy`,
  ].join('\n');
}

/**
 * Without attestations it is one manifest, which AWS Lambda takes too. The driver of Docker itself writes no
 * OCI layout.
 */
export const BUILD_WITH_DOCKER = [
  `docker buildx create --use --driver docker-container --driver-opt image=${IMAGES.buildkit}`,
  'docker buildx build --provenance=false --output type=oci,tar=false,dest=image .',
].join('\n');

export function scan(policy?: string): string {
  const command =
    'npx cdk-trusted-images scan image --repository "$ECR_REPOSITORY" --json trusted-images.json --sarif trusted-images.sarif';
  return policy === undefined ? command : `${command} --policy ${policy}`;
}

/** As the scan tells it, right after the scan: whoever changes the folder later does not change it. */
export const SCANNED_DIGEST = '"$(node --print \'require("./trusted-images.json").digest\')"';

/** Wants `$SCANNED_DIGEST`, and leaves `$uri` and `$digest`. */
export function push(tag: string): string {
  return [
    'uri="$(aws ecr describe-repositories --repository-names "$ECR_REPOSITORY" --query \'repositories[0].repositoryUri\' --output text)"',
    'aws ecr get-login-password | skopeo login --username AWS --password-stdin "${uri%%/*}"',
    `skopeo copy --all --digestfile /tmp/digest oci:image "docker://$uri:${tag}"`,
    'digest="$(cat /tmp/digest)"',
    'test "$digest" = "$SCANNED_DIGEST" || { echo "pushed $digest, but scanned $SCANNED_DIGEST, so nothing is deployed" >&2; false; }',
  ].join('\n');
}

/**
 * A push starts a scan by itself, by an event that ECR does not promise: `rescan` asks for one that is
 * followed to its end.
 */
export const WAIT_FOR_TRUST = [
  'npx cdk-trusted-images rescan "$IMAGE" --wait',
  'npx cdk-trusted-images verify "$IMAGE"',
].join('\n');

export const DEPLOY = 'npx cdk deploy --all --require-approval never --context digest="$IMAGE_DIGEST"';
