import { cp, mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as answers from './answers';
import { Fault, serveFault } from './fault-registry';
import { download, scan, Scanner } from './scan';
import { zooImage } from '../../../local/images/zoo/zoo';
import { Finished } from '../../../local/tools/command';
import { freePort, Registry } from '../../../local/tools/registry';

/** What the recordings call a registry on loopback. */
const REGISTRY = '000000000000.dkr.ecr.us-east-1.amazonaws.com';

interface Failing {
  /** Begins with the step that fails. */
  readonly name: string;
  readonly run: () => Promise<Finished>;
}

const FAULTS: Readonly<Record<string, Fault>> = {
  'download-401': { at: 'everything', answer: answers.NOT_AUTHENTICATED },
  'download-403': { at: 'manifest', answer: answers.NOT_PERMITTED },
  'download-429': { at: 'manifest', answer: answers.THROTTLED },
  'download-503': { at: 'manifest', answer: answers.UNAVAILABLE },
};

/**
 * Every way to fail that Trivy has in production: a database that does not come, and a scan. What the reader
 * of images says is none of its own.
 */
export async function recordFailures(
  scanner: Scanner,
  registry: Registry,
  folder: string,
  say: (line: string) => void,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const { name, run } of [...downloads(scanner, registry), ...scans(scanner)]) {
    const { code, stderr } = await run();
    if (code === 0) throw new Error(`errors/${name}: expected a failure, trivy ended well: ${stderr}`);
    await writeFile(join(folder, `${name}.txt`), `exit ${code}\n${inProductionsWords(stderr)}`);
    say(`errors/${name}.txt: exit ${code}`);
  }
}

function downloads(scanner: Scanner, { host }: Registry): Failing[] {
  const from = (repository: () => Promise<string>) =>
    withCache(scanner, async fresh => download(fresh, await repository()));
  return [
    ...Object.entries(FAULTS).map(([name, fault]) => ({
      name,
      run: withCache(scanner, async fresh => {
        const faulty = await serveFault(await zooImage('clean'), fault);
        return download(fresh, `${faulty.host}/aquasecurity/trivy-db:2`).finally(faulty.stop);
      }),
    })),
    { name: 'download-404', run: from(async () => `${host}/aquasecurity/absent:2`) },
    {
      name: 'download-refused',
      run: from(async () => `127.0.0.1:${await freePort()}/aquasecurity/trivy-db:2`),
    },
    { name: 'download-unknown-host', run: from(async () => 'registry.invalid/aquasecurity/trivy-db:2') },
  ];
}

function scans(scanner: Scanner): Failing[] {
  const scanned = (prepare: (cache: string) => Promise<void>, name: 'clean' | 'log4shell' = 'clean') =>
    withCache(scanner, async fresh => {
      await prepare(fresh.cache);
      const ended = await scan(fresh, await zooImage(name));
      if ('cause' in ended) throw new Error(ended.detail);
      return ended;
    });
  const copy = (cache: string) => cp(join(scanner.cache, 'db'), join(cache, 'db'), { recursive: true });
  return [
    { name: 'scan-no-database', run: scanned(async () => undefined) },
    { name: 'scan-no-java-database', run: scanned(copy, 'log4shell') },
    {
      name: 'scan-truncated-database',
      run: scanned(async cache => {
        await copy(cache);
        await truncate(join(cache, 'db', 'trivy.db'), 10_000);
      }),
    },
    {
      name: 'scan-database-schema',
      run: scanned(async cache => {
        await copy(cache);
        await writeFile(
          join(cache, 'db', 'metadata.json'),
          JSON.stringify({
            Version: 1,
            UpdatedAt: '2020-01-01T00:00:00Z',
            NextUpdate: '2020-01-02T00:00:00Z',
          }),
        );
      }),
    },
  ];
}

/** With an empty cache of its own. */
function withCache(scanner: Scanner, work: (fresh: Scanner) => Promise<Finished>): () => Promise<Finished> {
  return async () => {
    const cache = await mkdtemp(join(tmpdir(), 'record-cache-'));
    return work({ ...scanner, cache }).finally(() => rm(cache, { recursive: true, force: true }));
  };
}

/** Loopback under the name, the scheme and the address of a real registry; all else as Trivy wrote it. */
export function inProductionsWords(stderr: string): string {
  return stderr
    .replace(/dial tcp 127\.0\.0\.1:\d+/g, 'dial tcp 192.0.2.1:443')
    .replace(/http:\/\/127\.0\.0\.1:\d+/g, `https://${REGISTRY}`)
    .replace(/127\.0\.0\.1:\d+/g, REGISTRY)
    .replace(/lookup (\S+) on \S+:53:/g, 'lookup $1 on 192.0.2.53:53:')
    .replace(/\/tmp\/record-[\w-]+/g, '/tmp/scan');
}
