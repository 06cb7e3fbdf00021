import type { Command } from './shell-script';

interface Before {
  /** Its options that have a value of their own. */
  readonly withValue?: readonly string[];
  /** How many arguments it takes before the program: a time, a user. */
  readonly operands?: number;
}

/** What stands before a program and runs it. */
const BEFORE: ReadonlyMap<string, Before> = new Map<string, Before>([
  ['sudo', { withValue: ['-u', '-g', '-h', '-p', '-C', '-U', '-r', '-t', '--user', '--group'] }],
  ['doas', { withValue: ['-u', '-C'] }],
  ['env', { withValue: ['-u', '-C', '--unset', '--chdir'] }],
  ['exec', { withValue: ['-a'] }],
  ['time', { withValue: ['-f', '-o'] }],
  ['nice', { withValue: ['-n'] }],
  ['stdbuf', { withValue: ['-i', '-o', '-e'] }],
  ['xargs', { withValue: ['-I', '-n', '-P', '-L', '-d', '-a', '-s'] }],
  ['timeout', { withValue: ['-k', '-s', '--signal', '--kill-after'], operands: 1 }],
  ['gosu', { operands: 1 }],
  ['su-exec', { operands: 1 }],
  ['chroot', { operands: 1 }],
  ...['busybox', 'command', 'nohup', 'setsid', 'if', 'while', 'until', 'then', 'do', 'else', '!'].map(
    (name): [string, Before] => [name, {}],
  ),
]);

export interface Started {
  /** Without its folder. */
  readonly program: string;
  readonly args: readonly string[];
}

/** The program that a command runs, without what stands before it: `FOO=1 sudo -E -u app /bin/bash`. */
export function programOf({ words }: Command): Started {
  let at = 0;
  let before: Before | undefined;
  let operands = 0;
  for (; at < words.length; at++) {
    const word = words[at]!;
    const name = nameOf(word);
    if (before !== undefined && word.startsWith('-')) {
      if (before.withValue?.includes(word) === true) at += 1;
    } else if (/^[A-Za-z_][A-Za-z0-9_]*=/.test(word)) {
      continue;
    } else if (operands > 0) {
      operands -= 1;
    } else if (BEFORE.has(name)) {
      before = BEFORE.get(name)!;
      operands = before.operands ?? 0;
    } else {
      break;
    }
  }
  return { program: nameOf(words[at] ?? ''), args: words.slice(at + 1) };
}

function nameOf(word: string): string {
  return word.split('/').at(-1)!;
}
