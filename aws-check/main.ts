import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { messageOf, type Check } from './check';
import { estimate, estimateText, secondAppText } from './cost';
import { readOptions, USAGE, type Options } from './options';
import { requireSamePlace } from './place';
import { removeEverything } from './remove';
import { writeReport } from './report';
import { StateFile, type State } from './state';
import { STEPS } from './steps';
import { awsClients } from '../local/cloud/aws-clients';
import { Progress } from '../local/progress';

/** What programs said, with the number of the account: not for a repository. */
const LOGS = 'aws-check.logs';

/** Ends with 0 if all that was checked held, with 1 if something did not, with 2 if it could not end. */
async function main(args: readonly string[]): Promise<number> {
  if (args.includes('--help')) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  const options = readOptions(args, process.cwd());
  const progress = new Progress();
  const file = options.mode === 'start' ? await begin(options) : await resume(options);
  if (file === undefined) return 2;
  const check = connect(file, options.folder, progress.say);
  if (options.mode !== 'clean') {
    for (const step of STEPS) {
      if (file.state.done.includes(step.name)) continue;
      await progress
        .step(step.name, () => step.run(check))
        .catch((error: unknown) => {
          throw new Error(
            `${messageOf(error)}\nthe check did not end: give --resume to try again from here, or --clean to remove what it made`,
          );
        });
      file.update({ done: [...file.state.done, step.name] });
    }
  }
  await progress.step('remove everything', () => removeEverything(check));
  const { held, page } = writeReport(check);
  const { left } = file.state;
  for (const each of left) progress.say(`NOT REMOVED: ${each}`);
  if (left.length === 0) file.remove();
  else progress.say('remove it by hand, or give --clean to try again');
  progress.say(`what held and what did not: ${page}`);
  return held && left.length === 0 ? 0 : 1;
}

/** Shows what is about to be done, to which account, and what it costs. */
async function begin(options: Options): Promise<StateFile | undefined> {
  const earlier = StateFile.read(options.folder);
  if (earlier !== undefined) {
    throw new Error(
      `${earlier.path} is of a check that did not end: give --resume to go on with it, or --clean to remove what it made`,
    );
  }
  useProfile(options.profile);
  const { profile, endpoint, suites, secondApp } = options;
  const region = options.region ?? (await regionOf());
  const { sts } = awsClients({ endpoint, region });
  const { Account: account } = await sts.getCallerIdentity({});
  process.stdout.write(
    `The account ${account!} in ${region} is to be checked. The check deploys the quickstart${secondApp ? ' and the second app' : ''}, runs its tests, and removes everything.\nIt costs ${estimateText(estimate(suites, secondApp))}.\n${secondApp ? secondAppText() : ''}`,
  );
  if (!options.yes && !(await agrees())) return undefined;
  const state: State = {
    version: 1,
    id: newId(),
    account: account!,
    region,
    profile,
    endpoint,
    suites: [...suites],
    ...(secondApp && { secondApp: {} }),
    startedAt: new Date().toISOString(),
    done: [],
    pushed: {},
    suiteOutcomes: {},
    checks: {},
    made: [],
    left: [],
  };
  return StateFile.create(options.folder, state);
}

async function resume({ folder, mode, region }: Options): Promise<StateFile> {
  const file = StateFile.read(folder);
  if (file === undefined) {
    throw new Error(
      `--${mode} is given, and ${folder} has no aws-check.state.json of a check that did not end`,
    );
  }
  useProfile(file.state.profile);
  const { endpoint, region: begun } = file.state;
  await requireSamePlace(file, awsClients({ endpoint, region: begun }), region);
  return file;
}

function connect(file: StateFile, folder: string, say: (line: string) => void): Check {
  const { id, account, region, endpoint } = file.state;
  const cloud = {
    endpoint,
    registryHost:
      endpoint === undefined ? `${account}.dkr.ecr.${region}.amazonaws.com` : new URL(endpoint).host,
    account,
    region,
    logFile: join(folder, LOGS, 'aws-check.log'),
    mark: { id },
  };
  mkdirSync(join(folder, LOGS), { recursive: true, mode: 0o700 });
  return { cloud, aws: awsClients({ endpoint, region }), file, folder, say };
}

/** Every SDK, the CDK and cosign read it. Keys and addresses of the environment would win over it. */
function useProfile(profile: string | undefined): void {
  if (profile === undefined) return;
  const wins = /^AWS_(?:ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN|ENDPOINT_URL.*)$/;
  for (const name of Object.keys(process.env).filter(each => wins.test(each))) delete process.env[name];
  process.env.AWS_PROFILE = profile;
  process.env.AWS_SDK_LOAD_CONFIG = '1';
}

/** The region of the environment or of the profile. */
async function regionOf(): Promise<string> {
  const { sts } = awsClients({});
  try {
    return await sts.config.region();
  } catch {
    throw new Error('no region is given, and the profile has none: give --region');
  }
}

async function agrees(): Promise<boolean> {
  const ask = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const nobody = new Promise<string>(answer => ask.once('close', () => answer('')));
    return (await Promise.race([ask.question('Type yes to go on: '), nobody])).trim() === 'yes';
  } finally {
    ask.close();
  }
}

/** Short enough for the CDK's qualifier, and a name for every service. */
function newId(): string {
  return `c${randomBytes(4).toString('hex').slice(0, 7)}`;
}

main(process.argv.slice(2)).then(
  code => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 2;
  },
);
