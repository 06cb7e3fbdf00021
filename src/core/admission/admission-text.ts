import { stringify } from 'yaml';
import type { AdmissionRules } from './admission-rules';
import { containersPolicy, containersRegistries } from './containers';
import { denyList } from './deny-list';
import { clusterPolicy, imageValidatingPolicy } from './kyverno';
import { clusterImagePolicies } from './policy-controller';

export interface AdmissionTextRules extends Omit<AdmissionRules, 'keys'> {
  readonly keys: readonly { readonly pem: string }[];
  readonly revoked: readonly string[];
}

/** What each program reads, by the name that the command line gives it. */
export const ADMISSION_TEXTS: Readonly<Record<string, (rules: AdmissionTextRules) => string>> = {
  kyverno: rules => yaml([imageValidatingPolicy(rules)]),
  'kyverno-cluster-policy': rules => yaml([clusterPolicy(rules)]),
  'policy-controller': rules => yaml(clusterImagePolicies(rules)),
  revoked: rules => yaml(denyList(rules, rules.revoked)),
  'containers-policy': rules => {
    const pems = rules.keys.map(({ pem }) => pem);
    return containersPolicy(rules, pems, rules.revoked);
  },
  'containers-registries': ({ repositories }) => containersRegistries(repositories),
};

function yaml(documents: readonly object[]): string {
  return documents.map(document => stringify(document, { lineWidth: 0 })).join('---\n');
}
