import { ensureTool } from './ensure-tool';
import { Tool } from './tool';

const VERSION = '1.7.12';

export const ACTIONLINT: Tool = {
  name: 'actionlint',
  version: VERSION,
  versionArguments: ['-version'],
  readVersion: output => /^v?(\d+\.\d+\.\d+)$/m.exec(output)?.[1],
  source: {
    package: `github.com/rhysd/actionlint/cmd/actionlint@v${VERSION}`,
    flags: ['-trimpath', '-ldflags', `-s -w -X github.com/rhysd/actionlint.version=${VERSION}`],
    environment: { CGO_ENABLED: '0' },
    duration: 'about 10 seconds',
  },
};

/** The path of the pinned actionlint, which knows what GitHub accepts as a workflow. */
export function ensureActionlint(say: (line: string) => void): Promise<string> {
  return ensureTool(ACTIONLINT, say);
}
