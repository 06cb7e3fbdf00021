import { readFileSync } from 'fs';
import { fileReaders } from './file-readers';
import { atPath } from './named-path';
import { regoRuntime } from './rego-engine';
import type { PolicyFileContent } from '../core/policy/policy-file';
import { policyFiles } from '../runtime/policy-files';

const PROBLEMS = 50;

/**
 * `trusted-images.yaml` and all that it names. Throws with file, line and column for everything that is
 * wrong.
 */
export function loadPolicyFile(path: string): PolicyFileContent {
  const text = atPath('file', path, each => readFileSync(each, 'utf8'));
  const content = fileReaders.policyFile().readPolicyFile(text, {
    file: path,
    read: policyFiles(path),
    check: program => regoRuntime.checkOnly(program),
    now: new Date(),
  });
  if (content.ok) return content.value;
  const more = content.error.length > PROBLEMS ? [`and ${content.error.length - PROBLEMS} more`] : [];
  throw new Error(
    `the policy file is not valid:\n${[...content.error.slice(0, PROBLEMS), ...more].join('\n')}`,
  );
}
