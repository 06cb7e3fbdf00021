import { ensureTool } from './ensure-tool';
import type { Tool } from './tool';
import { VERSIONS } from './versions';

const MODULE = 'github.com/slsa-framework/slsa-verifier/v2';

/** The standard's own verifier of verification summaries. */
export const SLSA_VERIFIER: Tool = {
  name: 'slsa-verifier',
  version: VERSIONS.slsaVerifier,
  versionArguments: ['version'],
  readVersion: output => /^GitVersion:\s+v(\S+)$/m.exec(output)?.[1],
  source: {
    package: `${MODULE}/cli/slsa-verifier`,
    module: `${MODULE}@v${VERSIONS.slsaVerifier}`,
    flags: ['-trimpath', '-ldflags', '-s -w'],
    environment: { CGO_ENABLED: '0' },
    duration: 'about half a minute on two cores',
  },
};

export function ensureSlsaVerifier(say: (line: string) => void): Promise<string> {
  return ensureTool(SLSA_VERIFIER, say);
}
