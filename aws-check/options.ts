import { parseArgs } from 'node:util';
import { SUITES, type SuiteName } from './suites';

export interface Options {
  readonly mode: 'start' | 'resume' | 'clean';
  readonly profile?: string;
  readonly region?: string;
  readonly endpoint?: string;
  /** Nobody is asked. */
  readonly yes: boolean;
  readonly suites: readonly SuiteName[];
  /** Whether the second app is deployed too. */
  readonly secondApp: boolean;
  /** Where the state and the results are written. */
  readonly folder: string;
}

export const USAGE = `npm run aws:check -- --profile NAME [--region R] [--suites A,B] [--second-app] [--yes]
npm run aws:check -- --resume [--yes]
npm run aws:check -- --clean

  --profile NAME   the profile of the account to check
  --region R       default: the region of the profile
  --suites A,B     which end-to-end tests run: ${Object.keys(SUITES).join(', ')}; default: those that fit into half an hour
  --second-app     deploy a second app too: a pull-through cache, Rego, an import, a key that is replaced, hooks of
                   CloudFormation and Amazon ECS, an alarm; it costs more, and takes longer
  --endpoint URL   check the embedded cloud at this address, with the keys of the environment
  --folder PATH    where state and results are written; default: the current folder
  --yes            do not ask
  --resume         go on with the check that was interrupted
  --clean          remove what the check made, and end it`;

/** Throws with the values allowed, and what to give instead. */
export function readOptions(args: readonly string[], cwd: string): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      profile: { type: 'string' },
      region: { type: 'string' },
      endpoint: { type: 'string' },
      suites: { type: 'string' },
      'second-app': { type: 'boolean', default: false },
      folder: { type: 'string' },
      yes: { type: 'boolean', default: false },
      resume: { type: 'boolean', default: false },
      clean: { type: 'boolean', default: false },
    },
  });
  const { profile, region, endpoint, yes, resume, clean, folder = cwd } = values;
  if (resume && clean) throw new Error('--resume and --clean are given, allowed: one of them');
  const mode = clean ? 'clean' : resume ? 'resume' : 'start';
  if (mode === 'start' && profile === undefined && endpoint === undefined) {
    throw new Error(
      'no --profile is given: name the profile of the account to check; the account of the environment is never taken',
    );
  }
  if (profile !== undefined && endpoint !== undefined) {
    throw new Error(
      '--profile and --endpoint are given, allowed: one of them; an endpoint takes the keys of the environment',
    );
  }
  if (endpoint !== undefined && !URL.canParse(endpoint)) {
    throw new Error(
      `--endpoint is ${JSON.stringify(endpoint)}, allowed: a URL such as http://127.0.0.1:4566`,
    );
  }
  const secondApp = values['second-app'];
  return { mode, profile, region, endpoint, yes, suites: readSuites(values.suites), secondApp, folder };
}

function readSuites(given: string | undefined): readonly SuiteName[] {
  const names = Object.keys(SUITES) as SuiteName[];
  if (given === undefined) return names.filter(name => SUITES[name].isDefault);
  const wanted = given.split(',').filter(name => name !== '');
  const unknown = wanted.filter(name => !Object.hasOwn(SUITES, name));
  if (unknown.length > 0) {
    throw new Error(`--suites has ${JSON.stringify(unknown.join(','))}, allowed: ${names.join(', ')}`);
  }
  return names.filter(name => wanted.includes(name));
}
