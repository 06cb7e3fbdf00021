import type { CosignPrograms } from './verifiers';
import { ensureCosign } from '../tools/cosign';
import { COSIGN_VERSIONS } from '../tools/versions';

/** Every pinned cosign, one after the other: each build takes both cores. */
export async function ensureCosigns(say: (line: string) => void): Promise<CosignPrograms> {
  const programs: [string, string][] = [];
  for (const version of COSIGN_VERSIONS) programs.push([version, await ensureCosign(version, say)]);
  return Object.fromEntries(programs) as CosignPrograms;
}
