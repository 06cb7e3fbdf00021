import { parseAllDocuments } from 'yaml';
import { DIGEST, IMAGE, RULES } from './admission';
import { ADMISSION_TEXTS } from '../../../src/core/admission/admission-text';
import { containersPolicy } from '../../../src/core/admission/containers';
import { denyList } from '../../../src/core/admission/deny-list';
import { clusterPolicy, imageValidatingPolicy } from '../../../src/core/admission/kyverno';
import { clusterImagePolicies } from '../../../src/core/admission/policy-controller';

const rules = { ...RULES, keys: [{ pem: 'PEM' }], revoked: [IMAGE, IMAGE.replace('app', 'other')] };

test.each([
  ['kyverno', [imageValidatingPolicy(rules)]],
  ['kyverno-cluster-policy', [clusterPolicy(rules)]],
  ['policy-controller', clusterImagePolicies(rules)],
  ['revoked', denyList(rules, [DIGEST])],
])('the text for %s is its documents', (program, documents) => {
  const parsed = parseAllDocuments(ADMISSION_TEXTS[program]!(rules)).map(
    document => document.toJS() as unknown,
  );
  expect(parsed).toEqual(JSON.parse(JSON.stringify(documents)));
});

test('hosts get policy.json with the revoked digests, and where signatures are looked for', () => {
  const policy = ADMISSION_TEXTS['containers-policy']!(rules);
  expect(policy).toBe(containersPolicy(rules, ['PEM'], rules.revoked));
  expect(JSON.parse(ADMISSION_TEXTS['containers-registries']!(rules))).toMatchObject({
    docker: { [rules.repositories[0]!]: { 'use-sigstore-attachments': true } },
  });
});
