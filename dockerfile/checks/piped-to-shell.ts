import { type Check, type CheckInput, distinct, instructionAt } from './check';
import { programOf } from './program-of';
import { type Command, type Pipeline, pipelinesOf } from './shell-script';
import { type LineOf, linesOf, plainLines } from '../reading/line-of';
import type { Run } from '../reading/reading';

const FETCHES = ['curl', 'wget', 'fetch', 'aria2c'];
const SHELL = /^(?:ba|da|a|z|k)?sh$|^su$/;
const INTERPRETER = /^(?:python[\d.]*|perl|ruby|node|php)$/;
/** The program is the next argument, or one behind it: `-c`, `-ec`. */
const TEXT_OPTION = /^-[a-z]*c[a-z]*$/;
const REMEDY =
  'download to a file, compare its checksum (sha256sum -c), then run it; or install a package of a fixed version';

/**
 * `curl … | sh`: whoever answers on that day runs what he likes in the build. A download that is run from a
 * file is not seen here.
 */
export const pipedToShell: Check = {
  rule: 'piped-to-shell',
  trivy: [],
  issues: input =>
    distinct(
      input.reading.runs.flatMap(run =>
        scriptsOf(run, input).flatMap(({ script, lineAt }) =>
          pipelinesOf(script)
            .filter(runsDownload)
            .map(pipeline => ({
              line: lineAt(pipeline[0]!.offset),
              message: 'RUN gives a download straight to a shell, and checks nothing',
              remedy: REMEDY,
            })),
        ),
      ),
    ),
};

interface Script {
  readonly script: string;
  readonly lineAt: LineOf;
}

/** What a shell reads of a RUN: the text behind `-c`, and a heredoc that is a program of its own. */
function scriptsOf({ line, args }: Run, { lines, reading }: CheckInput): Script[] {
  const instruction = instructionAt(reading, line);
  if (instruction === undefined) return [];
  const script = instruction.exec ? textOfShell(args) : args.at(-1);
  return [
    ...(script === undefined ? [] : [{ script, lineAt: linesOf(lines, instruction, script) }]),
    ...instruction.heredocs.map(({ content, line: first }) => ({
      script: content,
      lineAt: plainLines(first, content),
    })),
  ];
}

/** Scripts within scripts that go deeper are not followed. */
const MAX_DEPTH = 5;

function runsDownload(pipeline: Pipeline, depth = 0): boolean {
  const fetched = pipeline.find(command => FETCHES.includes(programOf(command).program));
  if (
    fetched !== undefined &&
    pipeline.some(command => command.position > fetched.position && readsProgramFromPipe(command))
  ) {
    return true;
  }
  return pipeline.some(command => runsSubstitution(command) || runsInnerDownload(command, depth));
}

/** `bash -c "curl … | bash"` */
function runsInnerDownload(command: Command, depth: number): boolean {
  const { program, args } = programOf(command);
  const text = SHELL.test(program) ? textOfShell(args) : undefined;
  return (
    text !== undefined && depth < MAX_DEPTH && pipelinesOf(text).some(inner => runsDownload(inner, depth + 1))
  );
}

/** The text that a shell is given, of `sh -ec text` and `sh -c -- text`. */
function textOfShell(args: readonly string[]): string | undefined {
  const option = args.findIndex(arg => TEXT_OPTION.test(arg));
  if (option < 0) return undefined;
  return args[option + 1] === '--' ? args[option + 2] : args[option + 1];
}

/** `bash`, `sudo -E bash -`, `sh -s -- -y`, `python3 - -y`; not `sh install.sh`, `python -m json.tool`. */
function readsProgramFromPipe(command: Command): boolean {
  const { program, args } = programOf(command);
  if (SHELL.test(program)) {
    const text = textOfShell(args);
    if (text !== undefined) {
      return pipelinesOf(text).some(([first]) => first !== undefined && readsProgramFromPipe(first));
    }
    return args.some(arg => /^-[a-z]*s[a-z]*$/.test(arg)) || isStdin(firstOperand(args, ['-o', '-O']));
  }
  if (!INTERPRETER.test(program) || args.some(arg => /^-[a-zA-Z]*[cempr]$/.test(arg))) return false;
  return isStdin(firstOperand(args, []));
}

function isStdin(operand: string | undefined): boolean {
  return operand === undefined || operand === '-' || operand === '/dev/stdin';
}

function firstOperand(args: readonly string[], withValue: readonly string[]): string | undefined {
  return args.find(
    (arg, at) =>
      (arg === '-' || !arg.startsWith('-')) &&
      !/^\d?[<>]/.test(arg) &&
      !withValue.includes(args[at - 1] ?? ''),
  );
}

/** `sh -c "$(curl …)"`, `eval "$(curl …)"`, `bash <(curl …)`, `. <(curl …)`. */
function runsSubstitution(command: Command): boolean {
  const { program, args } = programOf(command);
  const takesText = ['eval', 'source', '.'].includes(program);
  if (!takesText && !SHELL.test(program) && !INTERPRETER.test(program)) return false;
  const text = textOfShell(args);
  return args.some(arg => {
    const substitution = takesText || arg === text ? /[$<]\((.*)\)/s : /^[$<]\((.*)\)$/s;
    const inner = substitution.exec(arg)?.[1];
    return (
      inner !== undefined &&
      pipelinesOf(inner).some(([first]) => first !== undefined && FETCHES.includes(programOf(first).program))
    );
  });
}
