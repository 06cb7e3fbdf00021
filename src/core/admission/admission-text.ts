import type { AdmissionRules } from './admission-rules';
import { containersPolicy, containersRegistries } from './containers';
import { denyList } from './deny-list';
import { clusterPolicy, imageValidatingPolicy } from './kyverno';
import { clusterImagePolicies } from './policy-controller';
import { yamlText } from '../text/yaml-text';

export interface AdmissionTextRules extends Omit<AdmissionRules, 'keys'> {
  readonly keys: readonly { readonly pem: string }[];
  /** Images: `<registry>/<repository>@<digest>`. */
  readonly revoked: readonly string[];
}

/** What each program reads, by the name that the command line gives it. */
export const ADMISSION_TEXTS: Readonly<Record<string, (rules: AdmissionTextRules) => string>> = {
  kyverno: rules => yamlText([imageValidatingPolicy(rules)]),
  'kyverno-cluster-policy': rules => yamlText([clusterPolicy(rules)]),
  'policy-controller': rules => yamlText(clusterImagePolicies(rules)),
  // a digest that was revoked in one repository runs in none
  revoked: rules => {
    const digests = new Set(rules.revoked.map(image => image.split('@')[1]!));
    return yamlText(denyList(rules, [...digests].sort()));
  },
  'containers-policy': rules => {
    const pems = rules.keys.map(({ pem }) => pem);
    return containersPolicy(rules, pems, rules.revoked);
  },
  'containers-registries': ({ repositories }) => containersRegistries(repositories),
};
