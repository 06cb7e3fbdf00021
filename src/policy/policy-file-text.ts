import { readFileSync } from 'fs';
import { join } from 'path';
import { readPolicyFile, type PolicyFileContent } from '../core/policy/policy-file';
import { REGO_ENGINE } from '../core/rego/rego-program';
import { policyFiles } from '../runtime/policy-files';
import { RegoRuntime } from '../runtime/rego-runtime';

const PROBLEMS = 50;
const runtime = new RegoRuntime(() => join(__dirname, '../../assets/rego/nodejs/node_modules', REGO_ENGINE));

/**
 * `trusted-images.yaml` and all that it names. Throws with file, line and column for everything that is
 * wrong.
 */
export function loadPolicyFile(path: string): PolicyFileContent {
  const content = readPolicyFile(readFileSync(path, 'utf8'), {
    file: path,
    read: policyFiles(path),
    check: program => runtime.check(program),
    now: new Date(),
  });
  if (content.ok) return content.value;
  const more = content.error.length > PROBLEMS ? [`and ${content.error.length - PROBLEMS} more`] : [];
  throw new Error(
    `the policy file is not valid:\n${[...content.error.slice(0, PROBLEMS), ...more].join('\n')}`,
  );
}
