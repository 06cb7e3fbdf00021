import { ensureTool } from './ensure-tool';
import { Tool } from './tool';
import { VERSIONS } from './versions';

export const KO: Tool = {
  name: 'ko',
  version: VERSIONS.ko,
  versionArguments: ['version'],
  readVersion: output => /^v?(\d+\.\d+\.\d+)$/m.exec(output.trim())?.[1],
  source: {
    package: `github.com/google/ko@v${VERSIONS.ko}`,
    flags: ['-trimpath', '-ldflags', `-s -w -X github.com/google/ko/pkg/commands.Version=${VERSIONS.ko}`],
    environment: { CGO_ENABLED: '0' },
    duration: 'about two minutes',
  },
};

/** The path of the pinned ko, one of the builders whose images are read. */
export function ensureKo(say: (line: string) => void): Promise<string> {
  return ensureTool(KO, say);
}
