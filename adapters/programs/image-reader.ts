import { constants, existsSync } from 'node:fs';
import { access, chmod, copyFile, mkdir, readFile, realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { installedFile, packagedFile } from './packaged-file';
import { runProcess, type Ended } from './process';
import { withRealFiles } from './real-files';
import { runWebAssembly } from './web-assembly';
import { Limit } from '../../src/core/limits';
import { failed, type Result } from '../../src/core/result';
import type { Failure } from '../../src/core/scanning/failed-scan';
import {
  NormalFormFile,
  readNormalForm,
  type NormalForm,
  READER_PACKAGE,
  readerFile,
} from '../../src/core/scanning/normal-form';
import { classifyFailure } from '../../src/core/scanning/scan-outcome';

const ASSETS = packagedFile('normal-form');

/**
 * The deployed builds' own programs, which a command line of the same kind runs too. Builds on arm64 run on
 * the embedded cloud only, so what is published has the first one alone.
 */
const IN_PACKAGE: Readonly<Record<string, string>> = {
  'linux-x64': 'build/amd64/normal-form',
  'linux-arm64': 'build/arm64/normal-form',
};

/** Of what may not be run: where no disk lets programs run, the copy in the scratch folder neither. */
const NOT_STARTED = 127;
/** In its folder of Trivy's cache. */
const DATABASE_FILE = 'trivy.db';

export interface Reading {
  readonly digest: string;
  /** An OCI layout. */
  readonly layout: string;
  /** A folder that is not there yet: `form.json`, and the normal form as an OCI layout. */
  readonly out: string;
  readonly scratch: string;
  readonly seconds: number;
}

/**
 * Reads an image as a runtime does, and writes what Trivy is shown, by the program that deployed builds run:
 * natively where this machine has one, and in WebAssembly where not, which takes some six times as long.
 */
export async function readImage(
  { digest, layout, out, scratch, seconds }: Reading,
  platform = `${process.platform}-${process.arch}`,
): Promise<Result<NormalForm, Failure>> {
  const args = (to: string, from: string) => [
    `--max-bytes=${Limit.normalFormBytes}`,
    `--max-entries=${Limit.imageFiles}`,
    digest,
    to,
    from,
  ];
  const ended = await run({ native: args(out, layout), scratch, seconds, platform }, async () => {
    await mkdir(out, { recursive: true });
    const files = await withRealFiles(layout, join(scratch, 'real-files'));
    return { args: args('/out', '/in'), folders: { '/in': files, '/out': out } };
  });
  return outcomeOf(ended, await readFile(join(out, NormalFormFile.form), 'utf8').catch(() => undefined));
}

export interface Accounted {
  /** What `readImage()` wrote. */
  readonly form: string;
  /** Of Trivy, about that form. */
  readonly report: string;
  /** The folder of Trivy's database. */
  readonly database: string;
  readonly scratch: string;
  readonly seconds: number;
}

/** Matches the report of a scan with what the image declares. Writes `accounting.json` beside the form. */
export async function accountFor(
  { form, report, database, scratch, seconds }: Accounted,
  platform = `${process.platform}-${process.arch}`,
): Promise<Ended> {
  const args = (out: string, file: string, advisories: string) => [
    'account',
    `--advisories=${advisories}`,
    out,
    file,
  ];
  const native = args(form, report, join(database, DATABASE_FILE));
  return run({ native, scratch, seconds, platform }, async () => ({
    args: args('/out', `/in/${basename(report)}`, `/database/${DATABASE_FILE}`),
    // the cache of a run leads to the user's by a link
    folders: { '/in': dirname(report), '/out': form, '/database': await realpath(database) },
  }));
}

interface Started {
  readonly native: readonly string[];
  readonly scratch: string;
  readonly seconds: number;
  readonly platform: string;
}

interface InWebAssembly {
  readonly args: readonly string[];
  readonly folders: Readonly<Record<string, string>>;
}

async function run(
  { native, scratch, seconds, platform }: Started,
  inWebAssembly: () => Promise<InWebAssembly>,
): Promise<Ended> {
  const program = await nativeReader(platform, scratch);
  const ended =
    program === undefined
      ? undefined
      : await runProcess(program, native, { cwd: scratch, environment: {}, seconds });
  if (ended !== undefined && ended.code !== NOT_STARTED) return ended;
  const { args, folders } = await inWebAssembly();
  return runWebAssembly(join(ASSETS, 'normal-form.wasm.br'), args, { folders, seconds });
}

function outcomeOf(ended: Ended, form: string | undefined): Result<NormalForm, Failure> {
  if (form === undefined) return failed(whyUnread(ended));
  const read = readNormalForm(form);
  return read.ok && ended.code !== 0 ? failed(whyUnread(ended)) : read;
}

function whyUnread({ code, stderr }: Ended): Failure {
  return classifyFailure({ step: 'read', exitCode: code }, stderr);
}

/** Where the package manager or the disk took away the right to run it, a copy has it. */
async function nativeReader(platform: string, scratch: string): Promise<string | undefined> {
  const path = readerFor(platform, __filename);
  if (path === undefined) return undefined;
  const isThere = (mode: number) =>
    access(path, mode).then(
      () => true,
      () => false,
    );
  if (!(await isThere(constants.R_OK))) return undefined;
  if (await isThere(constants.X_OK)) return path;
  const copy = join(scratch, 'normal-form');
  await copyFile(path, copy);
  await chmod(copy, 0o500);
  return copy;
}

/**
 * Seen from that file. Other machines than those of builds have a package of their own, which npm installs
 * where it fits.
 */
export function readerFor(platform: string, from: string): string | undefined {
  const own = IN_PACKAGE[platform];
  if (own !== undefined && existsSync(join(ASSETS, own))) return join(ASSETS, own);
  return installedFile(READER_PACKAGE + platform, readerFile(platform), from);
}
