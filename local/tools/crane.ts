import { ensureTool } from './ensure-tool';
import { Tool } from './tool';
import { VERSIONS } from './versions';

export const CRANE: Tool = {
  name: 'crane',
  version: VERSIONS.crane,
  versionArguments: ['version'],
  readVersion: output => /^v?(\d+\.\d+\.\d+)$/.exec(output.trim())?.[1],
  source: {
    package: `github.com/google/go-containerregistry/cmd/crane@v${VERSIONS.crane}`,
    flags: ['-trimpath', '-ldflags', '-s -w'],
    environment: { CGO_ENABLED: '0' },
    duration: 'about a minute',
  },
};

/** The path of the pinned crane, whose `registry serve` is the registry of tests. */
export function ensureCrane(say: (line: string) => void): Promise<string> {
  return ensureTool(CRANE, say);
}
