import { type Check, type CheckInput, distinct, instructionAt } from './check';
import { type Command, type Pipeline, pipelinesOf } from './shell-script';
import { lineOf } from '../reading/line-of';
import type { Run } from '../reading/reading';

const FETCHES = ['curl', 'wget', 'fetch', 'aria2c'];
const SHELLS = ['sh', 'bash', 'dash', 'ash', 'zsh', 'ksh'];
const INTERPRETERS = ['python', 'python3', 'perl', 'ruby', 'node', 'php'];
const BEFORE = [
  'sudo',
  'env',
  'exec',
  'command',
  'nohup',
  'time',
  'xargs',
  'doas',
  'if',
  'while',
  'until',
  'then',
  'do',
  'else',
  '!',
];
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
  readonly lineAt: (offset: number) => number;
}

/** What a shell reads of a RUN: the text behind `-c`, and a heredoc that is a program of its own. */
function scriptsOf({ line, args }: Run, { text, reading }: CheckInput): Script[] {
  const instruction = instructionAt(reading, line);
  if (instruction === undefined) return [];
  const { heredocs, exec } = instruction;
  const behind = args.findIndex(arg => /^-[a-z]*c$/.test(arg)) + 1;
  const script = exec ? (behind > 0 ? args[behind] : undefined) : args.at(-1);
  const own =
    script === undefined ? [] : [{ script, lineAt: (at: number) => lineOf(text, instruction, script, at) }];
  return [
    ...own,
    ...heredocs.map(({ content, line: first }) => ({
      script: content,
      lineAt: (at: number) => first + content.slice(0, at).split('\n').length - 1,
    })),
  ];
}

function runsDownload(pipeline: Pipeline): boolean {
  const fetched = pipeline.find(command => FETCHES.includes(programOf(command).program));
  if (
    fetched !== undefined &&
    pipeline.some(command => command.position > fetched.position && readsProgramFromPipe(command))
  ) {
    return true;
  }
  return pipeline.some(runsSubstitution);
}

/** `bash`, `sudo -E bash -`, `sh -s -- --yes`; not `sh install.sh` and not `python -m json.tool`. */
function readsProgramFromPipe(command: Command): boolean {
  const { program, args } = programOf(command);
  const isShell = SHELLS.includes(program);
  if (!isShell && !INTERPRETERS.includes(program)) return false;
  if (isShell && args.some(arg => /^-[a-z]*s[a-z]*$/.test(arg))) return true;
  if (
    args.some(arg => /^-[a-zA-Z]*[cem]$/.test(arg) && !isShell) ||
    (isShell && args.some(arg => /^-[a-z]*c$/.test(arg)))
  ) {
    return false;
  }
  return args.filter(arg => !/^\d?[<>]/.test(arg)).every(arg => arg.startsWith('-') || arg === '/dev/stdin');
}

/** `sh -c "$(curl …)"`, `eval "$(curl …)"`, `bash <(curl …)`, `. <(curl …)`. */
function runsSubstitution(command: Command): boolean {
  const { program, args } = programOf(command);
  if (![...SHELLS, ...INTERPRETERS, 'eval', 'source', '.'].includes(program)) return false;
  return args.some(
    arg =>
      /^(?:\$|<)\(/.test(arg) &&
      pipelinesOf(arg.slice(2, -1)).some(
        ([first]) => first !== undefined && FETCHES.includes(programOf(first).program),
      ),
  );
}

/**
 * The program that a command runs, without its folder and without what stands before it: `FOO=1 sudo -E
 * /bin/bash`.
 */
function programOf({ words }: Command): { readonly program: string; readonly args: readonly string[] } {
  let at = 0;
  let isBehind = false;
  for (; at < words.length; at++) {
    const word = words[at]!;
    if (BEFORE.includes(word)) isBehind = true;
    else if (!/^[A-Za-z_][A-Za-z0-9_]*=/.test(word) && !(isBehind && word.startsWith('-'))) break;
  }
  return { program: (words[at] ?? '').split('/').at(-1)!, args: words.slice(at + 1) };
}
