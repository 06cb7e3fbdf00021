import { ensureTool } from './ensure-tool';
import { Tool } from './tool';

/** The version that rego/go.mod pins for the engine. */
export const OPA_VERSION = '1.22.2';

export const OPA: Tool = {
  name: 'opa',
  version: OPA_VERSION,
  versionArguments: ['version'],
  readVersion: output => /^Version: (\S+)$/m.exec(output)?.[1],
  source: {
    package: `github.com/open-policy-agent/opa@v${OPA_VERSION}`,
    flags: ['-trimpath', '-ldflags', '-s -w'],
    environment: { CGO_ENABLED: '0' },
    duration: 'about a minute and a half on two cores',
  },
};

/** The path of a native OPA: what the engine is measured against. */
export function ensureOpa(say: (line: string) => void): Promise<string> {
  return ensureTool(OPA, say);
}
