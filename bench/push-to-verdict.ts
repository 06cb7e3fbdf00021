import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Figure, median, milliseconds } from './figure';
import { Cloud, startCloud } from '../local/cloud/cloud';
import { ensureRepository } from '../local/cloud/repositories';
import { follow, followTrust } from '../local/demo/follow';
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

/**
 * The time from the push to the verdict in the register, and to the statement, compared with Trivy alone on
 * the same image with the same flags and an empty cache.
 */
export async function pushFigures(progress: Progress): Promise<Figure[]> {
  const cloud = await startCloud({ trivy: await ensureTrivy(progress.say), say: progress.say });
  try {
    const { RegisterTableName } = await prepareQuickstart(
      cloud,
      progress,
      syntheticFacts(MANY_FINDINGS, HARMLESS),
    );
    const content = await zooImage('many-findings');
    const verdict: number[] = [];
    const trusted: number[] = [];
    const bare: number[] = [];
    for (let round = 0; round <= ROUNDS; round++) {
      const repository = `team/bench-${round}`; // one digest in two repositories is two images
      await ensureRepository(cloud, repository);
      const began = process.hrtime.bigint();
      const since = () => Number(process.hrtime.bigint() - began) / 1e6;
      const digest = await pushImage(cloud.endpoint, repository, 'v1', content);
      const followed = await follow(cloud, RegisterTableName, repository, digest);
      const untilVerdict = since();
      if (followed.outcome !== 'PASS') {
        throw new Error(`the bench's image ended in ${followed.outcome}: ${followed.worst.join('; ')}`);
      }
      await followTrust(cloud, RegisterTableName, repository, digest);
      const untilTrusted = since();
      const trivy = await bareTrivy(cloud, repository, digest);
      if (round === 0) continue; // cold
      verdict.push(untilVerdict);
      trusted.push(untilTrusted);
      bare.push(trivy);
    }
    return [
      {
        name: 'push_to_verdict_over_bare_trivy',
        value: median(verdict) / median(bare),
        unit: 'ratio',
        against: `${AGAINST}; aim ≤ 1.5`,
      },
      {
        name: 'push_to_trusted_over_bare_trivy',
        value: median(trusted) / median(bare),
        unit: 'ratio',
        against: `${AGAINST}; aim ≤ 1.7`,
      },
    ];
  } finally {
    await cloud.stop();
  }
}

async function bareTrivy(
  { toolsFolder, account, region }: Cloud,
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
