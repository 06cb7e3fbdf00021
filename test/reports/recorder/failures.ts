import { cp, mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as answers from './answers';
import { Fault, serveFault } from './fault-registry';
import { NO_UPDATE, REGISTRY, scan, Scan, Scanner } from './scan';
import { pushImage } from '../../../local/images/push';
import { zooImage } from '../../../local/images/zoo/zoo';
import { freePort, Registry } from '../../../local/tools/registry';

interface Failure {
  readonly name: string;
  readonly run: () => Promise<Scan>;
}

const FAULTS: Readonly<Record<string, Fault>> = {
  'status-401': { at: 'everything', answer: answers.NOT_AUTHENTICATED },
  'status-403': { at: 'manifest', answer: answers.NOT_PERMITTED },
  'status-403-token-expired': { at: 'manifest', answer: answers.TOKEN_EXPIRED },
  'status-404': { at: 'manifest', answer: answers.NO_MANIFEST },
  'status-404-repository': { at: 'manifest', answer: answers.NO_REPOSITORY },
  'status-429': { at: 'manifest', answer: answers.THROTTLED },
  'status-500': { at: 'manifest', answer: answers.SERVER_ERROR },
  'status-503': { at: 'manifest', answer: answers.UNAVAILABLE },
  'blob-403': { at: 'blob', answer: answers.BLOB_NOT_PERMITTED },
  'blob-429': { at: 'blob', answer: answers.THROTTLED },
  'blob-500': { at: 'blob', answer: answers.SERVER_ERROR },
  'layer-cut-off': { at: 'layer', cutOff: true },
  'timeout': { at: 'manifest', delaySeconds: 10 }, // Trivy waits for the answer, whatever it was told
};

/** Every way to fail that a scan in production has to tell apart. The registry holds the zoo, under `team/<name>`. */
export async function recordFailures(scanner: Scanner, registry: Registry, folder: string, say: (line: string) => void): Promise<void> {
  await mkdir(folder, { recursive: true });
  const failures = [...faults(scanner), ...missing(scanner, registry), ...await unscannable(scanner, registry), ...databases(scanner, registry)];
  for (const { name, run } of failures) {
    const { code, stderr, report } = await run();
    if (code === 0 || report !== undefined) throw new Error(`errors/${name}: expected a failure, trivy ended with ${code}: ${stderr}`);
    await writeFile(join(folder, `${name}.txt`), `exit ${code}\n${inProductionsWords(stderr)}`);
    say(`errors/${name}.txt: exit ${code}`);
  }
}

function faults(scanner: Scanner): Failure[] {
  return Object.entries(FAULTS).map(([name, fault]) => ({
    name,
    run: async () => {
      const image = await zooImage('clean');
      const registry = await serveFault(image, fault);
      const more = fault.delaySeconds === undefined ? NO_UPDATE : [...NO_UPDATE, '--timeout', '2s'];
      return scan(scanner, `${registry.host}/team/clean@${image.descriptor.digest}`, more).finally(registry.stop);
    },
  }));
}

function missing(scanner: Scanner, { host, url }: Registry): Failure[] {
  const absent = `sha256:${'0'.repeat(64)}`;
  return [
    { name: 'missing-tag', run: () => scan(scanner, `${host}/team/clean:absent`) },
    { name: 'missing-digest', run: () => scan(scanner, `${host}/team/clean@${absent}`) },
    { name: 'missing-repository', run: () => scan(scanner, `${host}/team/absent@${absent}`) },
    { name: 'connection-refused', run: async () => scan(scanner, `127.0.0.1:${await freePort()}/team/clean@${absent}`) },
    { name: 'unknown-host', run: () => scan(scanner, `registry.invalid/team/clean@${absent}`) },
    {
      name: 'missing-platform',
      run: async () => {
        const digest = await pushImage(url, 'team/attested', undefined, await zooImage('attested'));
        return scan(scanner, `${host}/team/attested@${digest}`, [...NO_UPDATE, '--platform', 'linux/s390x']);
      },
    },
  ];
}

async function unscannable(scanner: Scanner, { host }: Registry): Promise<Failure[]> {
  const names = ['helm-chart', 'broken-corrupt-layer', 'missing-blob'] as const;
  const failures = await Promise.all(names.map(async (name): Promise<Failure> => {
    const { digest } = (await zooImage(name)).descriptor;
    return { name, run: () => scan(scanner, `${host}/team/${name}@${digest}`) };
  }));
  const attestation = (await zooImage('attested')).children[1].descriptor.digest;
  return [...failures, { name: 'attestation', run: () => scan(scanner, `${host}/team/attested@${attestation}`) }];
}

function databases(scanner: Scanner, { host }: Registry): Failure[] {
  const withCache = (prepare: (cache: string) => Promise<void>, more: readonly string[] = NO_UPDATE, name: 'clean' | 'log4shell' = 'clean') => async () => {
    const cache = await mkdtemp(join(tmpdir(), 'record-cache-'));
    try {
      await prepare(cache);
      return await scan({ ...scanner, cache }, `${host}/team/${name}@${(await zooImage(name)).descriptor.digest}`, more);
    } finally {
      await rm(cache, { recursive: true, force: true });
    }
  };
  const copy = (cache: string) => cp(join(scanner.cache, 'db'), join(cache, 'db'), { recursive: true });
  const empty = () => Promise.resolve();
  return [
    { name: 'no-database', run: withCache(empty) },
    { name: 'no-java-database', run: withCache(copy, NO_UPDATE, 'log4shell') },
    { name: 'database-repository-404', run: withCache(empty, ['--db-repository', `${host}/aquasecurity/absent:2`]) },
    { name: 'database-repository-refused', run: async () => withCache(empty, ['--db-repository', `127.0.0.1:${await freePort()}/aquasecurity/trivy-db:2`])() },
    {
      name: 'truncated-database',
      run: withCache(async cache => {
        await copy(cache);
        await truncate(join(cache, 'db', 'trivy.db'), 10_000);
      }),
    },
    {
      name: 'database-schema',
      run: withCache(async cache => {
        await copy(cache);
        await writeFile(join(cache, 'db', 'metadata.json'), JSON.stringify({ Version: 1, UpdatedAt: '2020-01-01T00:00:00Z', NextUpdate: '2020-01-02T00:00:00Z' }));
      }),
    },
  ];
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
