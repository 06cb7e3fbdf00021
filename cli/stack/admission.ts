import type { AskOptions } from './options';
import { asking } from '../../adapters/aws/aws-error';
import { POLICY_NAME } from '../../src/core/admission/admission-rules';
import { ADMISSION_TEXTS } from '../../src/core/admission/admission-text';
import { quoted } from '../../src/core/text/plain-text';
import { usageError } from '../../src/core/user-error';
import { admissionRules } from '../../use-cases/deployed-trust/admission-rules';
import { Connection } from '../../use-cases/deployed-trust/connect';
import { repositoryAsked } from '../../use-cases/deployed-trust/image-argument';
import type { Cli } from '../shell/cli';

export interface AdmissionOptions extends Omit<AskOptions, 'json'> {
  readonly repository?: readonly string[];
  readonly policyName: string;
}

/** The text of an admission policy, with the keys of the trust and what it has revoked until now. */
export async function admission(
  program: string,
  { repository = [], policyName, ...options }: AdmissionOptions,
  cli: Cli,
): Promise<void> {
  const text = Object.hasOwn(ADMISSION_TEXTS, program) ? ADMISSION_TEXTS[program] : undefined;
  if (text === undefined) {
    throw usageError(
      `the program is ${quoted(program, 100)}, allowed: ${Object.keys(ADMISSION_TEXTS).join(', ')}`,
    );
  }
  if (!POLICY_NAME.pattern.test(policyName)) {
    throw usageError(`--policy-name is ${quoted(policyName, 100)}, allowed: ${POLICY_NAME.allowed}`);
  }
  const rules = await asking(async () => {
    const connection = await Connection.open(options, cli);
    return admissionRules({
      rows: connection.register.all(),
      keys: await connection.keys.all(),
      repositories: repository.map(name => repositoryAsked(name, connection.trust)),
      policyName,
      now: cli.now(),
      note: line => cli.out.note(line),
    });
  });
  cli.out.print(text(rules).trimEnd());
}
