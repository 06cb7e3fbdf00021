import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';

/** Registries whose names stay as they are in builds, and whose images are in the embedded one. */
const PUBLIC_REGISTRY = 'public.ecr.aws';

export interface ToolsFolderOptions {
  readonly folder: string;
  readonly registryHost: string;
  readonly account: string;
  readonly region: string;
  /** The real Trivy; builds have none if it is left out. */
  readonly trivy?: string;
}

/**
 * The folder that every build's PATH begins with. Trivy in it is a wrapper: a scan that cleans its
 * environment still reaches the embedded registry, under the names that images have on AWS.
 */
export function makeToolsFolder({
  folder,
  registryHost,
  account,
  region,
  trivy,
}: ToolsFolderOptions): string {
  const tools = join(folder, 'tools');
  mkdirSync(tools, { recursive: true });
  if (trivy === undefined) return tools;
  const config = join(folder, 'trivy.yaml');
  writeFileSync(
    config,
    stringify({
      registry: {
        mirrors: {
          [`${account}.dkr.ecr.${region}.amazonaws.com`]: [registryHost],
          [PUBLIC_REGISTRY]: [registryHost],
        },
      },
    }),
  );
  writeFileSync(
    join(tools, 'trivy'),
    `#!/bin/sh
export TRIVY_CONFIG=${quoted(config)} TRIVY_INSECURE=true TRIVY_SKIP_VERSION_CHECK=true TRIVY_DISABLE_TELEMETRY=true
exec ${quoted(trivy)} "$@"
`,
    { mode: 0o755 },
  );
  return tools;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
