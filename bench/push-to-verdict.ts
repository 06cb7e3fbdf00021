import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Figure, median, milliseconds, repeat } from './figure';
import { startCloud } from '../local/cloud/cloud';
import type { EmbeddedCloud } from '../local/cloud/description';
import { loginTo } from '../local/cloud/registry-login';
import { ensureRepository } from '../local/cloud/repositories';
import { follow, followTrust } from '../local/demo/follow';
import type { Content } from '../local/images/content';
import { pushImage } from '../local/images/push';
import { MANY_FINDINGS } from '../local/images/zoo/ordinary';
import { zooImage } from '../local/images/zoo/zoo';
import { Progress } from '../local/progress';
import { prepareQuickstart } from '../local/quickstart';
import { mustRun } from '../local/tools/command';
import { ensureTrivy } from '../local/tools/trivy';
import { syntheticFacts } from '../local/vulnerability-database/synthetic';
import { imageReference } from '../src/core/image/image';

const ROUNDS = 7;

/** It has to pass, or it is not signed. */
const HARMLESS = ['LOW', 'MEDIUM', 'MEDIUM', 'HIGH'] as const;
const AGAINST =
  'trivy image, same image (2,400 findings, none that policy refuses), same flags, empty cache, on this machine';

export interface Quickstart {
  readonly cloud: EmbeddedCloud;
  readonly register: string;
  readonly content: Content;
}

/** Milliseconds: since the push began, and of Trivy alone. */
export interface PushTimes {
  readonly pushed: number;
  readonly verdict: number;
  readonly trusted: number;
  readonly bare: number;
}

/** The time from the push to the verdict in the register, and to the statement, compared with Trivy alone. */
export async function pushFigures(progress: Progress): Promise<Figure[]> {
  const times = await withQuickstart(progress, quickstart =>
    repeat(ROUNDS, round => measurePush(quickstart, `team/bench-${round}`)),
  );
  const bare = median(times.map(time => time.bare));
  return [
    {
      name: 'push_to_verdict_over_bare_trivy',
      value: median(times.map(time => time.verdict)) / bare,
      unit: 'ratio',
      against: `${AGAINST}; aim ≤ 1.5`,
    },
    {
      name: 'push_to_trusted_over_bare_trivy',
      value: median(times.map(time => time.trusted)) / bare,
      unit: 'ratio',
      against: `${AGAINST}; aim ≤ 1.7`,
    },
  ];
}

/** The quickstart in an embedded cloud, for as long as `work` takes. */
export async function withQuickstart<T>(
  progress: Progress,
  work: (quickstart: Quickstart) => Promise<T>,
): Promise<T> {
  const cloud = await startCloud({ trivy: await ensureTrivy(progress.say), say: progress.say });
  try {
    const { RegisterTableName } = await prepareQuickstart(
      cloud,
      progress,
      syntheticFacts(MANY_FINDINGS, HARMLESS),
    );
    return await work({ cloud, register: RegisterTableName, content: await zooImage('many-findings') });
  } finally {
    await cloud.stop();
  }
}

/**
 * A push, and Trivy alone on the same image with the same flags and an empty cache. One digest in two
 * repositories is two images, so each round has a repository of its own.
 */
export async function measurePush(
  { cloud, register, content }: Quickstart,
  repository: string,
): Promise<PushTimes> {
  await ensureRepository(cloud, repository);
  const began = process.hrtime.bigint();
  const since = () => Number(process.hrtime.bigint() - began) / 1e6;
  const digest = await pushImage(await loginTo(cloud), repository, 'v1', content);
  const pushed = since();
  const followed = await follow(cloud, register, repository, digest);
  const verdict = since();
  if (followed.outcome !== 'PASS') {
    throw new Error(`the bench's image ended in ${followed.outcome}: ${followed.worst.join('; ')}`);
  }
  await followTrust(cloud, register, repository, digest);
  const trusted = since();
  return { pushed, verdict, trusted, bare: await bareTrivy(cloud, repository, digest) };
}

async function bareTrivy(
  { toolsFolder, account, region }: EmbeddedCloud,
  repository: string,
  digest: string,
): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'bare-trivy-'));
  try {
    return await milliseconds(() =>
      mustRun(
        join(toolsFolder, 'trivy'),
        [
          'image',
          '--image-src=remote',
          '--cache-backend=memory',
          `--cache-dir=${folder}`,
          '--scanners=vuln,secret,misconfig',
          '--image-config-scanners=misconfig,secret',
          '--format=json',
          '--list-all-pkgs',
          '--exit-code=0',
          '--no-progress',
          '--skip-version-check',
          '--disable-telemetry',
          '--skip-check-update',
          `--output=${join(folder, 'report.json')}`,
          '--db-repository=public.ecr.aws/aquasecurity/trivy-db:2',
          '--java-db-repository=public.ecr.aws/aquasecurity/trivy-java-db:1',
          imageReference({ account, region, repository, digest }, 'amazonaws.com'),
        ],
        'the embedded registry serves the image and the databases',
      ),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
