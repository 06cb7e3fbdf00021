import { constants, existsSync } from 'node:fs';
import { access, chmod, copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { installedFile, packagedFile } from './packaged-file';
import { runProcess, type Ended } from './process';
import { withRealFiles } from './real-files';
import { runWebAssembly } from './web-assembly';
import { whyEnded } from './why-ended';
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
  const args = [`--max-bytes=${Limit.normalFormBytes}`, `--max-entries=${Limit.imageFiles}`, digest];
  const inWebAssembly = async () => {
    const files = await withRealFiles(layout, join(scratch, 'real-files'));
    return runWebAssembly(join(ASSETS, 'normal-form.wasm.br'), args, { layout: files, out, seconds });
  };
  const program = await nativeReader(platform, scratch);
  const native =
    program === undefined
      ? undefined
      : await runProcess(program, [...args, out, layout], { cwd: scratch, environment: {}, seconds });
  const ended = native !== undefined && native.code !== NOT_STARTED ? native : await inWebAssembly();
  return outcomeOf(ended, await readFile(join(out, NormalFormFile.form), 'utf8').catch(() => undefined));
}

function outcomeOf(ended: Ended, form: string | undefined): Result<NormalForm, Failure> {
  if (form === undefined) return failed(whyEnded('read', ended));
  const read = readNormalForm(form);
  return read.ok && ended.code !== 0 ? failed(whyEnded('read', ended)) : read;
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
