import { imagesOf, listOf, NEW_PODS, type AdmissionRules, type Manifest } from './admission-rules';
import { PROGRAM } from '../program-name';

/**
 * Amazon ECR answers at hosts of IPv6 and of FIPS too, and a client reads upper case and a port. Account and
 * region are read from the repository, because that may be known only at deployment.
 */
const BY_OTHER_HOST =
  '!image.startsWith(each.split("/")[0] + "/") && image.lowerAscii().matches(' +
  '"^" + each.split(".")[0] + "[.]dkr[.-]ecr(-fips)?[.]" + each.split(".")[3] + "[.]")';

/**
 * A `ValidatingAdmissionPolicy` of Kubernetes 1.30 itself, with its binding: a list of digests that run
 * nowhere, whatever signs them. A list of digests is worth nothing if a tag may name one, so images of the
 * repositories need a digest.
 */
export function denyList(
  { name, repositories }: Pick<AdmissionRules, 'name' | 'repositories'>,
  digests: readonly string[],
): Manifest[] {
  const policyName = `${name}-revoked`;
  return [
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicy',
      metadata: { name: policyName },
      spec: {
        failurePolicy: 'Fail',
        ...NEW_PODS,
        variables: [
          { name: 'images', expression: imagesOf('object').join(' + ') },
          { name: 'repositories', expression: listOf(repositories) },
          {
            name: 'revoked',
            expression: digests.length === 0 ? '[""].filter(each, false)' : listOf(digests),
          },
        ],
        validations: [
          noImage(
            'variables.revoked.exists(digest, image.endsWith("@" + digest))',
            'the trust in an image was revoked',
            `deploy a trusted digest; ${PROGRAM} explain says why`,
          ),
          noImage(
            '!image.matches("@sha256:[0-9a-f]{64}$") && variables.repositories.exists(each, ' +
              'image == each || image.startsWith(each + ":") || image.startsWith(each + "@"))',
            'an image has no digest, and a tag may name a revoked image',
            'name it by its digest, as in <repository>@sha256:<64 hex>',
          ),
          noImage(
            `variables.repositories.exists(each, ${BY_OTHER_HOST})`,
            'an image has another name of its registry, which no policy for the repositories matches',
            'name the registry as <account>.dkr.ecr.<region>.amazonaws.com',
          ),
        ],
      },
    },
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata: { name: policyName },
      spec: { policyName, validationActions: ['Deny'] },
    },
  ];
}

/**
 * Refuses a pod with an image of which a condition is true. Kubernetes shows `message` where it cannot
 * evaluate the expression, for example because a pod has too many images for its limit.
 */
function noImage(condition: string, says: string, remedy: string): object {
  const refused = `variables.images.filter(image, ${condition})`;
  return {
    expression: `${refused}.size() == 0`,
    message: `${says}; ${remedy}`,
    messageExpression: `"${says}: " + ${refused}.join(", ") + "; ${remedy}"`,
    reason: 'Forbidden',
  };
}
