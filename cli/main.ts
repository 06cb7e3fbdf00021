import { Command, CommanderError } from 'commander';
import { COMMANDS } from './commands';
import type { Cli } from './shell/cli';
import { ExitCode } from './shell/exit-code';
import { Output, shownLines } from './shell/output';
import { packageVersion } from './shell/package-version';
import { PROGRAM } from '../src/core/program-name';
import { plainText } from '../src/core/text/plain-text';
import { UserError } from '../src/core/user-error';

export interface RunOptions extends Partial<Pick<Cli, 'out' | 'now' | 'environment' | 'cwd'>> {}

/** Runs one command and returns its exit code. Errors are printed, never thrown. */
export async function run(args: readonly string[], options: RunOptions = {}): Promise<ExitCode> {
  const {
    out = new Output(),
    now = () => new Date(),
    environment = process.env,
    cwd = process.cwd(),
  } = options;
  let code: ExitCode = ExitCode.trusted;
  const cli: Cli = {
    out,
    now,
    environment,
    cwd,
    endWith: ended => {
      code = ended;
    },
  };
  try {
    await programFor(cli).parseAsync([...args], { from: 'user' });
    return code;
  } catch (error) {
    // commander has printed what is wrong
    if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.trusted : ExitCode.usage;
    if (!(error instanceof UserError)) {
      // an unexpected error: its text may come from anywhere
      out.error(`error: ${plainText(error instanceof Error ? error.message : String(error), 500)}`);
      return ExitCode.indeterminate;
    }
    out.error(`error: ${shownLines(error.message)}`);
    return ExitCode[error.kind];
  }
}

function programFor(cli: Cli): Command {
  const program = new Command(PROGRAM)
    .description('Find out what a gate decides: is this image trusted?')
    .option('--quiet', 'results and errors only')
    .version(packageVersion(), '--version', 'the version of this package')
    .addHelpText('after', '\nexit codes: 0 trusted, 1 refused by policy, 2 indeterminate, 64 usage error')
    .configureOutput({
      writeOut: text => cli.out.print(text.trimEnd()),
      writeErr: text => cli.out.error(shownLines(text)),
    })
    .showHelpAfterError('(--help lists what is allowed)')
    .hook('preAction', (_program, command) => {
      cli.out.quiet = command.optsWithGlobals<{ quiet?: boolean }>().quiet === true;
    });
  for (const add of COMMANDS) add(program, cli);
  return withOverride(program);
}

/** Commander ends the process; here it throws, in each command. */
function withOverride(command: Command): Command {
  command.exitOverride();
  command.commands.forEach(each => withOverride(each as Command));
  return command;
}
