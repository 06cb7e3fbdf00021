import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { ChosenPolicy } from './chosen-policy';
import type { ScanOptions } from './options';
import type { Caller } from '../../adapters/caller';
import type { Policy } from '../../src/core/policy/policy';
import { PRESETS } from '../../src/core/policy/presets';
import type { RegoProgram } from '../../src/core/rego/rego-program';
import { plainText, quoted } from '../../src/core/text/plain-text';
import { UserError, usageError } from '../../src/core/user-error';
import { NO_WAIVERS } from '../../src/core/waivers/active-waivers';

/** The policy of a file, of a stack as it is deployed now, or the standard one. */
export async function choosePolicy(options: ScanOptions, cli: Caller): Promise<ChosenPolicy> {
  const { policy, fromStack } = options;
  if (policy !== undefined && fromStack !== undefined) {
    throw usageError('--policy and --from-stack are given, allowed: one of them');
  }
  if (fromStack !== undefined) {
    return (await import('./from-stack.js')).policyOfStack(fromStack, options.trust, cli);
  }
  if (policy !== undefined) return fromFile(policy, cli);
  const set = { default: PRESETS.standard as unknown as Policy, scoped: [] };
  return { title: 'the standard policy', set, policy: { revision: 0, sha256: '' }, waivers: NO_WAIVERS };
}

async function fromFile(file: string, cli: Caller): Promise<ChosenPolicy> {
  const [{ readPolicyFile }, { policyFiles }, { regoRuntime }] = await Promise.all([
    import('../../src/core/policy/policy-file.js'),
    import('../../src/runtime/policy-files.js'),
    import('../../adapters/programs/rego.js'),
  ]);
  const path = resolve(cli.cwd, file);
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw usageError(
      `the policy ${quoted(file, 300)} cannot be read (${error.code}), allowed: a file such as trusted-images.yaml`,
    );
  });
  const check = (program: RegoProgram) => regoRuntime().check(program);
  const content = readPolicyFile(text, { file, read: policyFiles(path), check, now: cli.now() });
  if (!content.ok) {
    const lines = content.error.flatMap(problem => problem.split('\n')).map(line => plainText(line, 400));
    throw new UserError(
      `the policy ${quoted(file, 300)} is not valid:${lines.length === 1 ? ' ' : '\n'}${lines.join('\n')}`,
    );
  }
  const { set, waivers } = content.value;
  return {
    title: `the policy of ${plainText(file, 300)}`,
    set,
    policy: { revision: 0, sha256: '' },
    waivers: { revision: 0, waivers },
  };
}
