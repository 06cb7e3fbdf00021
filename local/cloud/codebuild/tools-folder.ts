import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { PULLER_FOLDER } from '../gateway/call';

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
 * environment still reaches the embedded registry, under the names that images have on AWS. There it says
 * whose keys it has.
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
  const puller = '$puller';
  const mirrors = (own: string) =>
    stringify({
      registry: {
        mirrors: {
          [`${account}.dkr.ecr.${region}.amazonaws.com`]: [own],
          [PUBLIC_REGISTRY]: [registryHost],
        },
      },
    });
  writeFileSync(config, mirrors(registryHost));
  writeFileSync(
    join(tools, 'trivy'),
    `#!/bin/sh
config=${quoted(config)}
if [ -n "$AWS_ACCESS_KEY_ID" ]; then
  puller=${PULLER_FOLDER}$(printf %s "$AWS_ACCESS_KEY_ID" | tr A-Z a-z); config=$config-$puller
  [ -f "$config" ] || { printf '%s' "${mirrors(`${registryHost}/${puller}`)}" > "$config.$$" && mv "$config.$$" "$config"; }
fi
export TRIVY_CONFIG="$config" TRIVY_INSECURE=true TRIVY_SKIP_VERSION_CHECK=true TRIVY_DISABLE_TELEMETRY=true
exec ${quoted(trivy)} "$@"
`,
    { mode: 0o755 },
  );
  return tools;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
