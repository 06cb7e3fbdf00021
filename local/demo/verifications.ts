import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repositoryReference } from '../../src/core/image/image';
import type { CloudDescription } from '../cloud/description';
import { cosignVerify } from '../cosign/verify';
import type { Progress } from '../progress';
import type { QuickstartOutputs } from '../quickstart';
import { ensureCosign, findCosign } from '../tools/cosign';
import { COSIGN_VERSIONS } from '../tools/versions';
import { CASES, prepareCases } from '../verify/cases';
import { pemOf } from '../verify/keys';

export interface Verification {
  readonly verifier: string;
  readonly title: string;
  readonly accepted: boolean;
  readonly expected: boolean;
}

const NAMES = ['passed', 'failed', 'replayed', 'otherDigest'] as const;

/** Both versions of cosign; undefined if one is missing and may not be built, which takes minutes. */
export async function demoCosigns(mayBuild: boolean, progress: Progress): Promise<string[] | undefined> {
  const find = mayBuild ? ensureCosign : findCosign;
  const found: string[] = [];
  for (const version of COSIGN_VERSIONS) {
    const cosign = await find(version, progress.say);
    if (cosign === undefined) return undefined;
    found.push(cosign);
  }
  return found;
}

/**
 * The check without access to the register: cosign, with the key in KMS and with its public key in a file.
 */
export async function runVerifications(
  cosigns: readonly string[],
  cloud: CloudDescription,
  outputs: QuickstartOutputs,
): Promise<Verification[]> {
  const cases = await prepareCases(cloud, outputs, NAMES);
  const folder = mkdtempSync(join(tmpdir(), 'cosign-demo-'));
  try {
    const file = join(folder, 'cosign.pub');
    writeFileSync(file, pemOf(cases.passed.key));
    const verifications: Verification[] = [];
    for (const [index, cosign] of cosigns.entries()) {
      const version = COSIGN_VERSIONS[index];
      for (const key of [`awskms:///${outputs.SigningKeyAlias}`, file]) {
        const verifier = `cosign ${version} verify --key ${key === file ? 'cosign.pub' : key} -a verdict=PASS -a repository=<registry>/<repository of the image>`;
        for (const name of NAMES) {
          const { image } = cases[name];
          const annotations = { verdict: 'PASS', repository: repositoryReference(image, 'amazonaws.com') };
          const { accepted } = await cosignVerify({ cosign, key, annotations, cloud, image });
          verifications.push({
            verifier,
            title: CASES[name].title,
            accepted,
            expected: CASES[name].truth === 'trusted',
          });
        }
      }
    }
    return verifications;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
