import { ensureTool } from './ensure-tool';
import { Tool } from './tool';
import { RELEASES, VERSIONS } from './versions';

export const TRIVY: Tool = {
  name: 'trivy',
  version: VERSIONS.trivy,
  versionArguments: ['--version'],
  readVersion: output => /^Version: (\S+)$/m.exec(output)?.[1],
  release: RELEASES.trivy,
  source: {
    package: `github.com/aquasecurity/trivy/cmd/trivy@v${VERSIONS.trivy}`,
    // a build that does not know its version says "dev", and is then not found to be the pinned one
    flags: [
      '-trimpath',
      '-ldflags',
      `-s -w -X github.com/aquasecurity/trivy/pkg/version/app.ver=${VERSIONS.trivy}`,
    ],
    environment: { GOEXPERIMENT: 'jsonv2', CGO_ENABLED: '0' },
    duration: 'about 5 minutes on two cores',
  },
};

/** The path of the pinned Trivy, downloaded or built when this machine has none. */
export function ensureTrivy(say: (line: string) => void): Promise<string> {
  return ensureTool(TRIVY, say);
}
