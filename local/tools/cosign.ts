import { ensureTool, findTool } from './ensure-tool';
import { Tool } from './tool';
import { COSIGN_VERSIONS, RELEASES } from './versions';

export type CosignVersion = (typeof COSIGN_VERSIONS)[number];

export function cosignTool(version: CosignVersion): Tool {
  const [major] = version.split('.');
  return {
    name: 'cosign',
    version,
    versionArguments: ['version'],
    readVersion: output => /^GitVersion:\s+v(\S+)$/m.exec(output)?.[1],
    release: RELEASES[`cosign ${version}`],
    source: {
      package: `github.com/sigstore/cosign/v${major}/cmd/cosign@v${version}`,
      flags: ['-trimpath', '-ldflags', `-s -w -X sigs.k8s.io/release-utils/version.gitVersion=v${version}`],
      environment: { CGO_ENABLED: '0' },
      duration: 'about 2 and a half minutes on two cores',
    },
  };
}

/** The path of a pinned cosign, downloaded or built when this machine has none. */
export function ensureCosign(version: CosignVersion, say: (line: string) => void): Promise<string> {
  return ensureTool(cosignTool(version), say);
}

/** The same, but nothing is built: undefined if this machine has none and cannot download it. */
export function findCosign(version: CosignVersion, say: (line: string) => void): Promise<string | undefined> {
  return findTool(cosignTool(version), say);
}
