import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Figure, milliseconds, ratio } from './figure';
import { Cloud, startCloud } from '../local/cloud/cloud';
import { ensureRepository } from '../local/cloud/repositories';
import { follow } from '../local/demo/follow';
import { pushImage } from '../local/images/push';
import { MANY_FINDINGS } from '../local/images/zoo/ordinary';
import { zooImage } from '../local/images/zoo/zoo';
import { Progress } from '../local/progress';
import { prepareQuickstart } from '../local/quickstart';
import { mustRun } from '../local/tools/command';
import { ensureTrivy } from '../local/tools/trivy';
import { syntheticFacts } from '../local/vulnerability-database/synthetic';
import { imageReference } from '../src/core/image';

const ROUNDS = 7;

/** From the push to the verdict in the register, against a bare Trivy on the same image with the same flags and an empty cache. */
export async function pushFigures(progress: Progress): Promise<Figure[]> {
  const cloud = await startCloud({ trivy: await ensureTrivy(progress.say), say: progress.say });
  try {
    const { RegisterTableName } = await prepareQuickstart(cloud, progress, syntheticFacts(MANY_FINDINGS));
    const content = await zooImage('many-findings');
    let digest = '';
    const value = await ratio(ROUNDS, async round => {
      const repository = `team/bench-${round}`; // one digest in two repositories is two images
      await ensureRepository(cloud, repository);
      return milliseconds(async () => {
        digest = await pushImage(cloud.endpoint, repository, 'v1', content);
        const { outcome } = await follow(cloud, RegisterTableName, repository, digest);
        if (outcome !== 'FAIL' && outcome !== 'PASS') throw new Error(`the bench's image ended in ${outcome}`);
      });
    }, round => bareTrivy(cloud, `team/bench-${round}`, digest));
    return [{ name: 'push_to_verdict_over_bare_trivy', value, unit: 'ratio', against: 'trivy image, same image (2,400 findings), same flags, empty cache, on this machine; aim ≤ 1.5' }];
  } finally {
    await cloud.stop();
  }
}

async function bareTrivy({ toolsFolder, account, region }: Cloud, repository: string, digest: string): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'bare-trivy-'));
  try {
    return await milliseconds(() => mustRun(join(toolsFolder, 'trivy'), [
      'image', '--image-src=remote', '--cache-backend=memory', `--cache-dir=${folder}`, '--scanners=vuln,secret,misconfig', '--image-config-scanners=misconfig,secret', '--format=json', '--list-all-pkgs',
      '--exit-code=0', '--no-progress', '--skip-version-check', '--disable-telemetry', '--skip-check-update', `--output=${join(folder, 'report.json')}`,
      '--db-repository=public.ecr.aws/aquasecurity/trivy-db:2', '--java-db-repository=public.ecr.aws/aquasecurity/trivy-java-db:1', imageReference({ account, region, repository, digest }, 'amazonaws.com'),
    ], 'the embedded registry serves the image and the databases'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
