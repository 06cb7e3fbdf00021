import { randomUUID } from 'node:crypto';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { findProgram, isPath } from './find-program';
import { runProcess, type Ended, type ProcessOptions } from './process';
import { inScratch } from './scratch';
import { keepDownloads, makeScratchCache } from './scratch-cache';
import {
  cleanEnvironment,
  scanEnvironment,
  SUPPORTED_TRIVY,
  type Database,
  type TrivyOptions,
} from './trivy-environment';
import { Limit } from '../../src/core/limits';
import { ok, type Result } from '../../src/core/result';
import type { Failure } from '../../src/core/scanning/failed-scan';
import { NormalFormFile, SCAN_INPUT, type NormalForm } from '../../src/core/scanning/normal-form';
import type { ScannerRun } from '../../src/core/scanning/scan-outcome';
import { downloadFlags, sbomFlags, scanFlags, secretConfig } from '../../src/core/scanning/trivy-flags';
import { parseJson } from '../../src/core/text/json';
import { quoted } from '../../src/core/text/plain-text';
import { Seconds } from '../../src/core/times';
import { UserError } from '../../src/core/user-error';

const NOT_FOUND = 127;
/** In the folder that a run has to itself. */
const CACHE = 'cache';

/** What a run of Trivy left. */
export interface TrivyRun extends Ended {
  /** How far it came. */
  readonly step: ScannerRun['step'];
  readonly startedAt: Date;
  readonly form: NormalForm;
  /** Absent where it wrote none. `too large`: it has more bytes than are read. */
  readonly report: Uint8Array | 'too large' | undefined;
  /** `accounting.json` of the reader of images. Absent where nobody asked for vulnerabilities. */
  readonly accounting: string | undefined;
  /** Of the database, as it was for the scan. */
  readonly databaseMetadata: unknown;
}

/** Writes the normal form of an image into a folder that is not there yet. */
export type ReadForm = (folder: string, scratch: string) => Promise<Result<NormalForm, Failure>>;

/** Matches the report in that folder with what the form in it declares. */
export type AccountFor = (folder: ScanFolder) => Promise<Ended>;

export interface ScanFolder {
  readonly form: string;
  readonly report: string;
  readonly database: string;
  readonly scratch: string;
}

interface ReadAndDownloaded {
  readonly form: Result<NormalForm, Failure>;
  readonly downloaded: Ended;
}

/**
 * The user's Trivy, run like the deployed one: an empty folder, an environment of what is named, one process
 * an image.
 */
export class Trivy {
  private readonly path: string;

  /** @param program a path, or a name on PATH */
  constructor(
    private readonly program: string,
    private readonly environment: Readonly<Record<string, string | undefined>>,
  ) {
    this.path = isPath(program) ? program : (findProgram(program, environment) ?? program);
  }

  /** Its version. Throws where there is no Trivy that judges as the deployed one does. */
  public async version(): Promise<string> {
    const { code, stdout } = await inScratch(folder =>
      this.run(['version', '--format=json', `--cache-dir=${folder}`], folder, Seconds.trivyVersion),
    );
    const install = installCommand(process.platform);
    if (code === NOT_FOUND) {
      throw new UserError(
        `there is no Trivy at ${quoted(this.program, 300)}, required: ${SUPPORTED_TRIVY.from} or newer; install it: ${install}`,
      );
    }
    const version = z.object({ Version: z.string().max(40) }).safeParse(parseJson(stdout)).data?.Version;
    if (code !== 0 || version === undefined) {
      throw new UserError(
        `${quoted(this.program, 300)} does not answer like Trivy: "version" ended with ${code}; install it: ${install}`,
      );
    }
    if (!isSupported(version)) {
      throw new UserError(
        `Trivy is ${quoted(version, 300)}, allowed: from ${SUPPORTED_TRIVY.from}, below ${SUPPORTED_TRIVY.below}; install it: ${install}`,
      );
    }
    return version;
  }

  /**
   * Reads the image while the database is downloaded, then scans what was read, without a network, and has
   * the report matched with what the image declares. An error says why it was not read.
   */
  public async scan(
    { read, account }: { readonly read: ReadForm; readonly account: AccountFor },
    options: TrivyOptions,
    more: (folder: string) => Promise<void> = async () => {},
  ): Promise<Result<TrivyRun, Failure>> {
    return inScratch(async folder => {
      await makeScratchCache(join(folder, CACHE), options.cache);
      await mkdir(join(folder, 'modules'));
      await writeFile(join(folder, 'none'), '');
      const startedAt = new Date();
      const { form, downloaded } = await this.readAndDownload(read, options, folder);
      if (!form.ok) {
        await keepDownloads(join(folder, CACHE), options.cache);
        return form;
      }
      const needs = async () =>
        form.value.javaArchives ? this.download('java', options, folder) : downloaded;
      const ready = downloaded.code === 0 ? await needs() : downloaded;
      const scanned = ready.code === 0 ? await this.scanForm(folder, options) : ready;
      const report = scanned.code === 0 ? await readReport(join(folder, 'report.json')) : undefined;
      const isAccounted = report instanceof Uint8Array && options.scanners.includes('vuln');
      const accounted = isAccounted ? await account(filesOf(folder)) : undefined;
      const metadata = await readFile(join(folder, CACHE, 'db', 'metadata.json'), 'utf8').catch(() => '');
      await keepDownloads(join(folder, CACHE), options.cache);
      if (report instanceof Uint8Array) await more(folder);
      return ok({
        ...scanned,
        ...(accounted !== undefined && accounted.code !== 0 && accounted),
        step: ready.code !== 0 ? 'download' : accounted === undefined ? 'scan' : 'account',
        startedAt,
        form: form.value,
        report,
        accounting: isAccounted
          ? await readFile(join(folder, 'form', NormalFormFile.accounting), 'utf8').catch(() => undefined)
          : undefined,
        databaseMetadata: parseJson(metadata),
      });
    });
  }

  /** The packages in the report of a scan, as CycloneDX. Needs no database. */
  public async toSbom(folder: string): Promise<Uint8Array | undefined> {
    const { code } = await this.run(['convert', ...sbomFlags(CACHE)], folder, 600);
    return code === 0 ? readFile(join(folder, 'sbom.cdx.json')) : undefined;
  }

  /**
   * Where the image is not read nobody needs the database: its download is ended. Both are over afterwards,
   * since both write into the folder.
   */
  private async readAndDownload(
    read: ReadForm,
    options: TrivyOptions,
    folder: string,
  ): Promise<ReadAndDownloaded> {
    const unneeded = new AbortController();
    const reading = read(join(folder, 'form'), folder).then(
      form => {
        if (!form.ok) unneeded.abort();
        return form;
      },
      (error: unknown) => {
        unneeded.abort();
        throw error;
      },
    );
    const [form, downloaded] = await Promise.allSettled([
      reading,
      this.download('vulnerabilities', options, folder, unneeded.signal),
    ]);
    if (form.status === 'rejected') throw form.reason;
    if (downloaded.status === 'rejected') throw downloaded.reason;
    return { form: form.value, downloaded: downloaded.value };
  }

  private async download(
    what: Database,
    { scanners, databases, seconds }: TrivyOptions,
    folder: string,
    unneeded?: AbortSignal,
  ): Promise<Ended> {
    if (databases.kept.includes(what) || !scanners.includes('vuln')) {
      return { code: 0, stdout: '', stderr: '' };
    }
    return this.run(['image', ...downloadFlags(what, CACHE, databases[what])], folder, seconds, {
      environment: cleanEnvironment(this.environment),
      ...(unneeded !== undefined && { unneeded }),
    });
  }

  /**
   * Trivy leaves out a file of the image that is named like the configuration of its search for secrets:
   * nobody knew this name when the image was built.
   */
  private async scanForm(folder: string, { scanners, secretSearch, seconds }: TrivyOptions): Promise<Ended> {
    const secrets = `secrets-${randomUUID()}.yaml`;
    await writeFile(join(folder, secrets), secretConfig(secretSearch));
    const flags = scanFlags({ scanners, input: SCAN_INPUT, cache: CACHE, secrets, seconds });
    // a home folder may have modules that change findings
    return this.run(['image', ...flags, '--module-dir=modules'], folder, seconds);
  }

  private run(
    args: readonly string[],
    cwd: string,
    seconds: number,
    more: Pick<Partial<ProcessOptions>, 'environment' | 'unneeded'> = {},
  ): Promise<Ended> {
    const { environment = scanEnvironment(this.environment, cwd), unneeded } = more;
    // what it unpacks goes with the folder, also where it is ended in between
    const temporary = { TMPDIR: cwd, TEMP: cwd, TMP: cwd };
    return runProcess(this.path, args, {
      cwd,
      environment: { ...environment, ...temporary },
      seconds,
      ...(unneeded !== undefined && { unneeded }),
    });
  }
}

function filesOf(folder: string): ScanFolder {
  return {
    form: join(folder, 'form'),
    report: join(folder, 'report.json'),
    database: join(folder, CACHE, 'db'),
    scratch: folder,
  };
}

async function readReport(file: string): Promise<TrivyRun['report']> {
  const found = await stat(file).catch(() => undefined);
  if (found === undefined) return undefined;
  return found.size > Limit.reportUnzippedBytes ? 'too large' : readFile(file);
}

/** Releases only: what a build of one's own reports, nobody knows. */
export function isSupported(version: string): boolean {
  const [, ...numbers] = /^(\d+)\.(\d+)\.(\d+)$/.exec(version) ?? [];
  const value = (parts: readonly string[]) => parts.reduce((sum, part) => sum * 1_000_000 + Number(part), 0);
  return (
    numbers.length === 3 &&
    value(numbers) >= value(SUPPORTED_TRIVY.from.split('.')) &&
    value(numbers) < value(SUPPORTED_TRIVY.below.split('.'))
  );
}

function installCommand(platform: NodeJS.Platform): string {
  if (platform === 'darwin') return 'brew install trivy';
  if (platform === 'win32') return 'choco install trivy';
  return `curl -sfL https://raw.githubusercontent.com/aquasecurity/trivy/main/contrib/install.sh | sh -s -- -b ~/.local/bin v${SUPPORTED_TRIVY.from}`;
}
