import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { posix, win32 } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where a program is looked for. Tests say it; nobody else does. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  /** The folder that is looked at: whoever wrote what lies in it must not choose what runs. */
  readonly cwd: string;
  isProgram(path: string): boolean;
}

/** What Windows starts without a shell: a `.bat` or `.cmd` would read its arguments as commands. */
const STARTS_BY_ITSELF = ['.com', '.exe'];

/**
 * The program of that name on the PATH of whoever calls, by its whole path: a bare name would be looked for
 * in the working folder first, on Windows always and elsewhere where PATH says so. Entries of PATH that are
 * relative, or that are the working folder, are left out.
 */
export function findProgram(
  name: string,
  environment: Environment,
  machine: Partial<Machine> = {},
): string | undefined {
  const { platform = process.platform, cwd = process.cwd(), isProgram = isExecutable } = machine;
  const isWindows = platform === 'win32';
  const { delimiter, join } = isWindows ? win32 : posix;
  const folders = (variable('PATH', environment, isWindows) ?? '')
    .split(delimiter)
    .map(entry => (isWindows ? entry.replace(/^"(.*)"$/, '$1') : entry));
  const names = isWindows ? withExtensions(name, variable('PATHEXT', environment, isWindows)) : [name];
  return folders
    .filter(folder => isWhole(folder, isWindows) && !isSame(folder, cwd, isWindows))
    .flatMap(folder => names.map(each => join(folder, each)))
    .find(isProgram);
}

/** A path says where it is; all else is a name. */
export function isPath(program: string): boolean {
  return /[/\\]/.test(program);
}

/** Windows writes it `Path`, and a copy of the environment knows it by no other spelling. */
function variable(name: string, environment: Environment, isWindows: boolean): string | undefined {
  if (!isWindows || environment[name] !== undefined) return environment[name];
  return Object.entries(environment).find(([key]) => key.toUpperCase() === name)?.[1];
}

function withExtensions(name: string, pathExt = '.COM;.EXE'): string[] {
  const extensions = pathExt
    .split(';')
    .map(extension => extension.trim().toLowerCase())
    .filter(extension => STARTS_BY_ITSELF.includes(extension));
  return extensions.some(extension => name.toLowerCase().endsWith(extension))
    ? [name]
    : extensions.map(extension => `${name}${extension}`);
}

/** With its drive: `\tools` is a folder of whichever drive one is on. */
function isWhole(folder: string, isWindows: boolean): boolean {
  return isWindows ? /^(?:[a-z]:[\\/]|[\\/]{2})/i.test(folder) : posix.isAbsolute(folder);
}

function isSame(folder: string, cwd: string, isWindows: boolean): boolean {
  const { resolve } = isWindows ? win32 : posix;
  const known = (path: string) => (isWindows ? resolve(real(path)).toLowerCase() : resolve(real(path)));
  return known(folder) === known(cwd);
}

function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path; // it is not there, so nothing is in it
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
