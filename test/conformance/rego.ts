import type { Suite } from './suite';
import { regoCases } from '../../local/tools/rego-cases';
import { conformance } from '../../local/tools/rego-conformance';
import { loadRegoHost } from '../../local/tools/rego-runtime';

export const rego: Suite = {
  name: 'rego',
  about: 'The Rego engine: each evaluation case of both versions of the language',
  authority: "Open Policy Agent's own cases, in the module that the engine is built from",
  packages: ['go:github.com/open-policy-agent/opa'],
  run: async () => {
    const cases = await regoCases();
    const { misses } = conformance(loadRegoHost(), cases);
    return { cases: cases.length, disagreements: Array.from(misses, ([name, said]) => ({ name, said })) };
  },
};
