import { Token } from 'aws-cdk-lib';
import type { IRepository } from 'aws-cdk-lib/aws-ecr';
import { RegionInfo } from 'aws-cdk-lib/region-info';
import { AdmissionKey } from './admission-key';
import { AdmissionManifests } from './admission-manifests';
import { POLICY_NAME, type AdmissionRules } from '../core/admission/admission-rules';
import { containersPolicy, containersRegistries } from '../core/admission/containers';
import { denyList } from '../core/admission/deny-list';
import { clusterPolicy, imageValidatingPolicy } from '../core/admission/kyverno';
import { clusterImagePolicies } from '../core/admission/policy-controller';
import { A_REPOSITORY, REPOSITORY } from '../properties/kinds';
import { checkProperties, optional, required, TEXT, type Properties } from '../properties/properties';
import { checkRepositoryName } from '../repository/check-repository-name';

const DIGEST = /^sha256:[0-9a-f]{64}$/;
const SHA256 = /^[0-9a-f]{64}$/;

/**
 * Properties of admission policies.
 */
export interface AdmissionPoliciesProps {
  /** The repositories whose images are admitted only if they are trusted, at least one. Each by its name. */
  readonly repositories: IRepository[];

  /** The signing keys, at least one: after a rotation the new key and the former one. */
  readonly keys: AdmissionKey[];

  /**
   * SHA-256 of the policy documents whose verdicts are accepted. A summary of another policy is refused.
   *
   * @default - the verdicts of every policy that the trust had
   */
  readonly acceptedPolicies?: string[];

  /**
   * Digests that must not run, whatever is signed: `sha256:` and 64 hexadecimal digits. The event `Image
   * Revoked` names each. `cdk-trusted-images admission revoked` writes the policy with all of them.
   *
   * @default - none
   */
  readonly revokedDigests?: string[];

  /**
   * The name of the policies in the cluster: up to 52 lower-case letters, digits and `-`.
   *
   * @default 'trusted-images'
   */
  readonly policyName?: string;
}

const ADMISSION_POLICIES: Properties<AdmissionPoliciesProps> = {
  repositories: required([REPOSITORY], `a list, each ${A_REPOSITORY}`),
  keys: required(
    [AdmissionKey],
    'a list of AdmissionKey, for example [AdmissionKey.kms(trust.signer.key.key)]',
  ),
  acceptedPolicies: optional([TEXT], 'a list of policies, each by its sha256'),
  revokedDigests: optional([TEXT], 'a list of digests, sha256:<64 hex>'),
  policyName: optional(),
};

/**
 * Policies for admission controllers that cannot read the register: they admit an image only with a
 * verification summary that names its repository and its digest, is signed by an accepted key, and has not
 * expired. The trust must write one: `attestations: [ImageAttestation.SUMMARY]`.
 *
 * They see a revocation when the signer has deleted the summary. Whoever may push can put it back until it
 * expires, so also apply the list of what was revoked.
 */
export class AdmissionPolicies {
  private readonly rules: AdmissionRules;
  private readonly revoked: readonly string[];

  /**
   * Throws for an empty list, for digests and names that are not valid, and for the name of a repository with
   * a wildcard or a host: Amazon ECR has none, so nothing would be judged.
   */
  constructor(props: AdmissionPoliciesProps) {
    checkProperties('AdmissionPoliciesProps', props, ADMISSION_POLICIES);
    const { repositories, keys, acceptedPolicies = [], revokedDigests = [] } = props;
    const { policyName: name = 'trusted-images' } = props;
    if (repositories.length === 0 || keys.length === 0) {
      throw new Error(
        `the admission policies have ${repositories.length} repositories and ${keys.length} keys, allowed: at least one of each, or nothing could be admitted`,
      );
    }
    refuseOthers('the policy name', [name], POLICY_NAME.pattern, POLICY_NAME.allowed);
    refuseOthers(
      'the accepted policy',
      acceptedPolicies,
      SHA256,
      '64 hexadecimal digits, as "explain" prints it',
    );
    refuseOthers('the revoked digest', revokedDigests, DIGEST, 'sha256:<64 hex>');
    for (const { repositoryName } of repositories) checkRepositoryName(repositoryName);
    this.revoked = revokedDigests;
    this.rules = {
      name,
      repositories: repositories.map(addressOf),
      keys: keys.map(key => key._reference()),
      policies: acceptedPolicies,
    };
  }

  /**
   * An `ImageValidatingPolicy` of Kyverno, for Kyverno 1.19 and newer. It reads the bundle of cosign 3.
   * Kyverno 1.18 contacts Sigstore's servers before it reads anything, also for a key.
   */
  public forKyverno(): AdmissionManifests {
    return AdmissionManifests._of([imageValidatingPolicy(this.rules)]);
  }

  /**
   * A `ClusterPolicy` of Kyverno, for versions before 1.19. Kyverno is removing this kind. It reads
   * `sha256-<hex>.att`.
   */
  public forKyvernoClusterPolicy(): AdmissionManifests {
    return AdmissionManifests._of([clusterPolicy(this.rules)]);
  }

  /**
   * A `ClusterImagePolicy` of sigstore's policy-controller for each repository. It reads `sha256-<hex>.att`.
   * **It judges only namespaces with a label**: `kubectl label namespace <name>
   * policy.sigstore.dev/include=true`.
   */
  public forPolicyController(): AdmissionManifests {
    return AdmissionManifests._of(clusterImagePolicies(this.rules));
  }

  /**
   * A `ValidatingAdmissionPolicy` of Kubernetes 1.30 and newer, without a controller: it refuses the revoked
   * digests, and images of the repositories that are named by a tag alone.
   */
  public forRevoked(): AdmissionManifests {
    return AdmissionManifests._of(denyList(this.rules, this.revoked));
  }

  /**
   * `/etc/containers/policy.json` for hosts with CRI-O, Podman or Skopeo: a signature of the repository, and
   * no revoked digest. A repository named `team` stands for `team/app` too. **By tag, a revoked image is
   * admitted**: name images by digest. **It sees no age.** Throws if a key is not given as PEM, or a
   * repository has a token.
   */
  public containersPolicy(): string {
    const pems = this.rules.keys.map(key => {
      if ('pem' in key) return key.pem;
      throw new Error(
        `the key ${Token.isUnresolved(key.kms) ? 'of this app' : key.kms} is in AWS KMS, which policy.json cannot name, allowed: AdmissionKey.pem()`,
      );
    });
    const repositories = this.resolved();
    const revoked = repositories.flatMap(repository => this.revoked.map(digest => `${repository}@${digest}`));
    return containersPolicy({ repositories }, pems, revoked);
  }

  /** A file for `/etc/containers/registries.d`: `policy.json` needs it. Throws for a token. */
  public containersRegistries(): string {
    return containersRegistries(this.resolved());
  }

  private resolved(): readonly string[] {
    const { repositories } = this.rules;
    if (!repositories.some(repository => Token.isUnresolved(repository))) return repositories;
    throw new Error(
      'a repository is known only at deployment, allowed: Repository.fromRepositoryAttributes() with account and region in the ARN, in a stack with env',
    );
  }
}

/** Known when the app runs, where account and region are: `repositoryUri` never is. */
function addressOf({ env: { account, region }, repositoryName, repositoryUri }: IRepository): string {
  if ([account, region, repositoryName].some(value => Token.isUnresolved(value))) return repositoryUri;
  const suffix = RegionInfo.get(region).domainSuffix ?? 'amazonaws.com';
  return `${account}.dkr.ecr.${region}.${suffix}/${repositoryName}`;
}

function refuseOthers(what: string, values: readonly string[], allowed: RegExp, said: string): void {
  const wrong = values.find(value => Token.isUnresolved(value) || !allowed.test(value));
  if (wrong !== undefined) throw new Error(`${what} ${JSON.stringify(wrong)} is not one, allowed: ${said}`);
}
