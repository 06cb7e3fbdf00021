import { ECR_REPOSITORY_NAME } from '../../src/core/image/repository-name';
import { quoted } from '../../src/core/text/plain-text';
import { usageError } from '../../src/core/user-error';

/** The values of a pipeline. A value that is not given becomes a variable of the CI system. */
export interface PipelineOptions {
  readonly repository?: string;
  readonly region?: string;
  readonly pushRoleArn?: string;
  readonly deployRoleArn?: string;
  readonly stack?: string;
  /** The policy file for the scan. */
  readonly policy?: string;
}

const ROLE_ARN = {
  pattern: /^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/,
  example: 'the ARN of a role, like arn:aws:iam::111122223333:role/push',
};

/** These values are written into YAML and shell commands, so other characters are refused. */
const ALLOWED = {
  repository: {
    pattern: ECR_REPOSITORY_NAME,
    example: 'the name of a repository in Amazon ECR, like team/app',
  },
  region: { pattern: /^[a-z]{2}(?:-[a-z]+)+-\d$/, example: 'an AWS Region, like eu-west-1' },
  pushRoleArn: ROLE_ARN,
  deployRoleArn: ROLE_ARN,
  stack: {
    pattern: /^[a-zA-Z][a-zA-Z0-9-]{0,127}$/,
    example: 'the name of the stack that has the ImageTrust, like Trust',
  },
} as const;
const FLAGS = {
  repository: '--repository',
  region: '--region',
  pushRoleArn: '--push-role-arn',
  deployRoleArn: '--deploy-role-arn',
  stack: '--stack',
} as const;

export function checkedOptions(options: Omit<PipelineOptions, 'policy'>): Omit<PipelineOptions, 'policy'> {
  for (const name of Object.keys(ALLOWED) as (keyof typeof ALLOWED)[]) {
    const value = options[name];
    if (value !== undefined && !ALLOWED[name].pattern.test(value)) {
      throw usageError(`${FLAGS[name]} is ${quoted(value, 300)}, allowed: ${ALLOWED[name].example}`);
    }
  }
  const { repository, region, pushRoleArn, deployRoleArn, stack } = options;
  return { repository, region, pushRoleArn, deployRoleArn, stack };
}
