import { STANDARD_IN_REGO } from './standard-in-rego';
import { loadRegoEngine } from '../local/tools/rego-runtime';

const began = performance.now();
const prepared = loadRegoEngine().prepare([{ name: 'standard.rego', source: STANDARD_IN_REGO }]);
if (!prepared.ok) throw new Error("the bench's policy does not compile");
process.stdout.write(String(performance.now() - began));
