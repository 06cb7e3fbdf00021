import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { runProcess, type Ended } from './process';
import { keepDownloads, makeScratchCache } from './scratch-cache';
import { cleanEnvironment, imageFlags, SUPPORTED_TRIVY, type TrivyOptions } from './trivy-flags';
import { parseJson } from '../../src/core/json';
import { Limit } from '../../src/core/limits';
import { CliError } from '../exit-code';
import { shown } from '../output';
import { inScratch } from '../scratch';

const NOT_FOUND = 127;
const VERSION_SECONDS = 60;
/** In the folder that a run has to itself. */
const CACHE = 'cache';

/** What a run of Trivy left. */
export interface TrivyRun extends Ended {
  readonly startedAt: Date;
  /** Absent where it wrote none. `too large`: it has more bytes than are read. */
  readonly report: Uint8Array | 'too large' | undefined;
  /** Of the database, as it was after the scan: `--skip-db-update` or not, it is that one. */
  readonly databaseMetadata: unknown;
}

/** How an image is named to Trivy: in a registry, or a folder on this machine. */
export type TrivyImage = { readonly reference: string } | { readonly input: string };

/** The user's Trivy, run like the deployed one: an empty folder, an environment of what is named, one process an image. */
export class Trivy {
  private readonly environment: Record<string, string>;

  /** @param program a path, or a name on PATH */
  constructor(private readonly program: string, environment: Readonly<Record<string, string | undefined>>) {
    this.environment = cleanEnvironment(environment);
  }

  /** Its version. Throws where there is no Trivy that judges as the deployed one does. */
  public async version(): Promise<string> {
    const { code, stdout } = await inScratch(folder => this.run(['version', '--format=json', `--cache-dir=${folder}`], folder, VERSION_SECONDS));
    const install = installCommand(process.platform);
    if (code === NOT_FOUND) throw new CliError(`there is no Trivy at ${JSON.stringify(shown(this.program))}, required: ${SUPPORTED_TRIVY.from} or newer; install it: ${install}`);
    const version = z.object({ Version: z.string().max(40) }).safeParse(parseJson(stdout)).data?.Version;
    if (code !== 0 || version === undefined) throw new CliError(`${JSON.stringify(shown(this.program))} does not answer like Trivy: "version" ended with ${code}; install it: ${install}`);
    if (!isSupported(version)) throw new CliError(`Trivy is ${JSON.stringify(shown(version))}, allowed: from ${SUPPORTED_TRIVY.from}, below ${SUPPORTED_TRIVY.below}; install it: ${install}`);
    return version;
  }

  public async scan(image: TrivyImage, options: TrivyOptions, more: (folder: string) => Promise<void> = async () => {}): Promise<TrivyRun> {
    return inScratch(async folder => {
      await makeScratchCache(join(folder, CACHE), options.cache);
      await mkdir(join(folder, 'modules'));
      await writeFile(join(folder, 'none'), '');
      const which = 'input' in image ? [`--input=${image.input}`] : ['--image-src=remote', '--', image.reference];
      const startedAt = new Date();
      const ended = await this.run(['image', ...imageFlags({ ...options, cache: CACHE }), ...which], folder, options.seconds); // its own timeout does not end what it waits for
      const report = ended.code === 0 ? await readReport(join(folder, 'report.json')) : undefined;
      const metadata = await readFile(join(folder, CACHE, 'db', 'metadata.json'), 'utf8').catch(() => '');
      await keepDownloads(join(folder, CACHE), options.cache);
      if (report instanceof Uint8Array) await more(folder);
      return { ...ended, startedAt, report, databaseMetadata: parseJson(metadata) };
    });
  }

  /** The report of a scan as CycloneDX. Needs no database. */
  public async toSbom(folder: string): Promise<Uint8Array | undefined> {
    const { code } = await this.run(['convert', '--format=cyclonedx', '--output=sbom.cdx.json', `--cache-dir=${CACHE}`, 'report.json'], folder, 600);
    return code === 0 ? readFile(join(folder, 'sbom.cdx.json')) : undefined;
  }

  private run(args: readonly string[], cwd: string, seconds: number): Promise<Ended> {
    const temporary = { TMPDIR: cwd, TEMP: cwd, TMP: cwd }; // what it unpacks goes with the folder, also where it is ended in between
    return runProcess(this.program, args, { cwd, environment: { ...this.environment, ...temporary }, seconds });
  }
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
  return numbers.length === 3 && value(numbers) >= value(SUPPORTED_TRIVY.from.split('.')) && value(numbers) < value(SUPPORTED_TRIVY.below.split('.'));
}

function installCommand(platform: NodeJS.Platform): string {
  if (platform === 'darwin') return 'brew install trivy';
  if (platform === 'win32') return 'choco install trivy';
  return `curl -sfL https://raw.githubusercontent.com/aquasecurity/trivy/main/contrib/install.sh | sh -s -- -b ~/.local/bin v${SUPPORTED_TRIVY.from}`;
}
