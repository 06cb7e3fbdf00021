import type { PolicyFileOptions, Say } from './policy-file-options';
import type { FileRule } from './policy-file-rules';
import { showProblem } from '../rego/problem';
import { RegoProgram } from '../rego/rego-program';
import { given } from '../text/problem';

/** What CloudFormation hands to a function in one piece, beside the rest of the policy. */
const INLINE_CHARACTERS = 128 * 1024;
const PROBLEMS = 20;

interface RegoFiles extends Pick<PolicyFileOptions, 'read' | 'check'> {
  /** Where the rule stands. */
  readonly at: readonly PropertyKey[];
  /** Where the policy file lies, for messages. */
  readonly folder: string;
  readonly say: Say;
  /** What is wrong in another file, with its own place. */
  readonly sayElsewhere: (message: string) => void;
}

/** The policy files of a rule, compiled together; `undefined` where something was said. */
export function readRegoFiles(
  { files, version, data = {} }: FileRule,
  of: RegoFiles,
): RegoProgram | undefined {
  const { at, folder, read, check, say, sayElsewhere } = of;
  const named = new Map<string, string>();
  let isWhole = true;
  (files as readonly string[]).forEach((path, index) => {
    const found = read(path);
    const isEmpty = found.ok && found.value.length === 0;
    const problem = !found.ok
      ? found.error
      : isEmpty
        ? 'has no policy, allowed: files that end with .rego, and not with _test.rego'
        : undefined;
    if (problem !== undefined) {
      isWhole = false;
      say([...at, 'files', index], `${given(path)} ${problem}`);
    }
    // a file that two paths lead to is one
    for (const { name, text } of found.ok ? found.value : []) named.set(name, text);
  });
  if (!isWhole) return undefined;
  const size = [...named.values()].reduce((sum, text) => sum + text.length, JSON.stringify(data).length);
  if (size > INLINE_CHARACTERS) {
    say(
      [...at, 'files'],
      `its files have ${size} characters, allowed: ${INLINE_CHARACTERS}; put them into a bucket, and add RegoSource.fromBucket() to the policy in the stack`,
    );
    return undefined;
  }
  const modules = [...named].map(([name, source]) => ({
    name,
    source,
    ...(version !== undefined && { version }),
  }));
  const program = RegoProgram.safeParse({ data, modules });
  if (!program.success) {
    say(
      [...at, 'files'],
      program.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '),
    );
    return undefined;
  }
  const problems = check(program.data);
  for (const problem of problems.slice(0, PROBLEMS)) {
    if (problem.file === undefined) say([...at, 'files'], showProblem(problem));
    else sayElsewhere(showProblem({ ...problem, file: folder + problem.file }));
  }
  return problems.length > 0 ? undefined : program.data;
}
