import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { CloudDescription, cloudEnvironment, Mark, MARK_TAG } from './description';
import { Say } from './say';
import { EMULATED_MACHINE } from '../../src/core/scanning/build-machine';

const PROGRAM = resolve(__dirname, '../../node_modules/aws-cdk/bin/cdk');
const LAST_LINES = 30;

export interface CdkOptions {
  readonly cwd: string;
  /** Receives each line of output. @default - only the log file gets them */
  readonly say?: Say;
  /** @default - beside the cloud's log */
  readonly logFile?: string;
  /** Variables for the CDK and the app, over those of the cloud. @default - none */
  readonly environment?: Readonly<Record<string, string>>;
}

/**
 * Runs the project's own CDK against the cloud. Its output goes to a log file. An error contains the last
 * lines.
 */
export async function cdk(
  cloud: CloudDescription,
  args: readonly string[],
  options: CdkOptions,
): Promise<string> {
  const logFile = options.logFile ?? join(dirname(cloud.logFile), 'cdk.log');
  const log = createWriteStream(logFile, { flags: 'a', mode: 0o600 });
  const lines: string[] = [];
  const child = spawn(
    process.execPath,
    [PROGRAM, ...args, ...optionsFor(cloud, args[0]), '--ci', '--no-color', '--no-notices'],
    {
      cwd: options.cwd,
      env: {
        ...withoutAws(process.env),
        ...cloudEnvironment(cloud),
        NODE_NO_WARNINGS: '1',
        CDK_DISABLE_CLI_TELEMETRY: 'true',
        ...options.environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  log.write(`$ cdk ${args.join(' ')}\n`);
  for (const stream of [child.stdout, child.stderr]) {
    let rest = '';
    stream
      .setEncoding('utf8')
      .on('data', (text: string) => {
        const parts = (rest + text).split('\n');
        rest = parts.pop() ?? '';
        parts.forEach(take);
      })
      .on('end', () => {
        if (rest !== '') take(rest);
      });
  }
  const code = await new Promise<number | null>((done, fail) => child.on('error', fail).on('close', done));
  await new Promise(done => log.end(done));
  if (code === 0) return lines.join('\n');
  throw new Error(
    `cdk ${args.join(' ')} ended with ${code}; the whole log is in ${logFile}, and its last lines are:\n${lastOf(lines)}`,
  );

  function take(line: string): void {
    lines.push(line);
    log.write(`${line}\n`);
    options.say?.(line);
  }
}

/**
 * After a failed update the CLI adds pages of the provider framework's own log: why it failed stands before
 * them.
 */
function lastOf(lines: readonly string[]): string {
  const dump = lines.findIndex(line => line.includes('Logs from /aws/'));
  return lines
    .slice(0, dump < 0 ? undefined : dump)
    .slice(-LAST_LINES)
    .join('\n');
}

/** The bootstrap stack of the CDK. */
export async function bootstrap(cloud: CloudDescription, options: Partial<CdkOptions> = {}): Promise<void> {
  await cdk(cloud, ['bootstrap', `aws://${cloud.account}/${cloud.region}`], { cwd: __dirname, ...options });
}

/** The CDK's own stack of a marked cloud, which is not that of the account's other users. */
export function toolkitStack({ id }: Mark): string {
  return `AwsCheckToolkit-${id}`;
}

/** What an app has to know of the cloud. */
export function contextOf({ endpoint, mark }: CloudDescription): Record<string, string> {
  return {
    // builds of the embedded cloud run on this machine, whatever the project says, and need a program for it
    ...(endpoint !== undefined && process.arch === 'arm64' && { [EMULATED_MACHINE]: 'aarch64' }),
    ...(mark !== undefined && { '@aws-cdk/core:bootstrapQualifier': mark.id }),
  };
}

function optionsFor(cloud: CloudDescription, command: string): string[] {
  const { mark } = cloud;
  const context = Object.entries(contextOf(cloud)).flatMap(([name, value]) => [
    '--context',
    `${name}=${value}`,
  ]);
  if (mark === undefined) return context;
  return [
    ...context,
    ...(command === 'destroy' ? [] : ['--toolkit-stack-name', toolkitStack(mark)]),
    ...(command === 'bootstrap' ? ['--qualifier', mark.id] : []),
    ...(command === 'destroy' ? [] : ['--tags', `${MARK_TAG}=${mark.id}`]),
  ];
}

/** A developer's own profile and keys are not used, unless the cloud is theirs. */
function withoutAws(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith('AWS_')));
}
