import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { writeLayout } from '../../../local/images/layout';
import { zooImage, type ZooName } from '../../../local/images/zoo/zoo';
import { ensureTrivy } from '../../../local/tools/trivy';
import { buildDatabase, type DatabaseOptions } from '../../../local/vulnerability-database/database';
import { buildJavaDatabase } from '../../../local/vulnerability-database/java-database';
import { runCli, type Ended } from '../run-cli';

export type { Ended } from '../run-cli';

/** The one file that is published, in an empty folder: nothing of this repository is there for it. */
export const CLI = join(__dirname, '..', '..', '..', 'assets', 'cli', 'trusted-images.js');

/** All that the standard policy looks at. Trivy's other checks take most of the time of a small scan. */
export const WITHOUT_MISCONFIG = ['--scanners', 'vuln,secret'] as const;
/** For what the standard policy does not look at: {@link Workshop.scan} leaves it out. */
export const WITH_MISCONFIG = ['--scanners', 'vuln,secret,misconfig'] as const;

type Variables = Readonly<Record<string, string>>;

/** A folder for one test file, with a Trivy, its databases, and images as layouts. */
export class Workshop {
  public static async open({
    updatedAt = new Date(),
    extra,
  }: Partial<DatabaseOptions> = {}): Promise<Workshop> {
    const folder = mkdtempSync(join(tmpdir(), 'cli-scan-'));
    const trivy = await ensureTrivy(() => undefined);
    const cache = join(folder, 'cache');
    await buildDatabase(join(cache, 'db'), { updatedAt, extra });
    await buildJavaDatabase(join(cache, 'java-db'), { updatedAt });
    return new Workshop(folder, trivy, cache);
  }

  private constructor(
    public readonly folder: string,
    public readonly trivy: string,
    public readonly cache: string,
  ) {}

  public path(name: string): string {
    return join(this.folder, name);
  }

  public write(name: string, text: string | Buffer, mode = 0o644): string {
    writeFileSync(this.path(name), text);
    chmodSync(this.path(name), mode);
    return this.path(name);
  }

  public read(name: string): string {
    return readFileSync(this.path(name), 'utf8');
  }

  public async layout(name: ZooName): Promise<string> {
    await writeLayout(this.path(name), await zooImage(name));
    return this.path(name);
  }

  /** Scans in this process, without misconfigurations unless `--scanners` is given. */
  public scan(args: readonly string[], environment: Variables = {}): Promise<Ended> {
    return this.run(...this.asScan([...WITHOUT_MISCONFIG, ...args], environment));
  }

  /** Runs the command line from its sources, in this process. */
  public run(args: readonly string[], environment: Variables = {}): Promise<Ended> {
    const cwd = this.emptyFolder();
    return runCli(args, cwd, { environment: { HOME: cwd, ...environment } });
  }

  /** Scans with the file that is published, and with no option that nobody has to give. */
  public scanAsPublished(args: readonly string[], environment: Variables = {}): Promise<Ended> {
    return this.runAsPublished(...this.asScan(args, environment));
  }

  /** Runs the file that is published, as a process of its own. */
  public runAsPublished(args: readonly string[], environment: Variables = {}): Promise<Ended> {
    const cwd = this.emptyFolder();
    return new Promise(resolve =>
      execFile(
        process.execPath,
        [CLI, ...args],
        { cwd, env: { HOME: cwd, ...environment } },
        (error, out, err) => {
          resolve({ code: error === null ? 0 : Number(error.code), out, err });
        },
      ),
    );
  }

  /** Trivy is on PATH, and its databases are where they are looked for: nobody has to name them. */
  private asScan(args: readonly string[], environment: Variables): [string[], Variables] {
    return [
      ['scan', '--cache-dir', this.cache, '--skip-db-update', ...args],
      { PATH: `${dirname(this.trivy)}:/usr/bin:/bin`, ...environment },
    ];
  }

  private emptyFolder(): string {
    return mkdtempSync(join(this.folder, 'empty-'));
  }

  public close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
