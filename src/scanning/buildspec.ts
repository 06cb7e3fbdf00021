import { IncomingFile } from '../core/evidence';
import { SCANNER_SIGNS } from '../core/scanning/scanner-signs';

export interface ScanScript {
  /** Seconds that Trivy may run. */
  readonly seconds: number;
  readonly databaseFlags: readonly string[];
  /** `registry.mirrors` of Trivy's configuration. */
  readonly mirrors: Readonly<Record<string, readonly string[]>>;
}

/** What must reach Trivy, and no more: its `TRIVY_*` variables, and whatever else a project may set, would change what it reports (rule 5.1). */
const KEPT_VARIABLES = [
  'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI', 'AWS_CONTAINER_CREDENTIALS_FULL_URI', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN',
  'AWS_REGION', 'AWS_DEFAULT_REGION', 'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy', 'SSL_CERT_FILE',
];

/**
 * The build, as POSIX shell: Trivy's image has BusyBox and no AWS CLI, and CodeBuild runs it with `sh`.
 *
 * It scans one manifest in one process, in an empty folder, with an empty cache. It always ends well: what went wrong is in run.json, and
 * the evaluator says what it means. CodeBuild uploads `out/`; the checksum of the checksums travels beside the files, as an exported variable.
 */
export function scanBuildspec(script: ScanScript): object {
  return {
    version: '0.2',
    env: { 'exported-variables': ['SUMS_SHA256'] },
    phases: { build: { commands: [scanCommand(script)] } },
    artifacts: { 'base-directory': 'out', 'files': ['*'] },
  };
}

function scanCommand({ seconds, databaseFlags, mirrors }: ScanScript): string {
  // Trivy reads ./trivy.yaml, and the folder is new: what is written here is all there is
  const config = Object.keys(mirrors).length === 0 ? '' : `printf '%s' '${JSON.stringify({ registry: { mirrors } })}' > trivy.yaml`;
  const flags = [
    '--image-src=remote', '--cache-backend=memory', '--cache-dir="$home/cache"', '--scanners=vuln,secret,misconfig', '--image-config-scanners=misconfig,secret',
    '--format=json', '--list-all-pkgs', '--exit-code=0', '--no-progress', '--skip-version-check', '--disable-telemetry', '--skip-check-update', '--ignorefile=none',
    `--timeout=${seconds - 10}s`, '--output=report.json', ...databaseFlags,
  ];
  // each sign once, and no more of its line: Trivy quotes versions and paths, by which a stranger could push one out
  const signs = Object.values(SCANNER_SIGNS).map(sign => `'${sign}'`).join(' ');
  return `
home="$CODEBUILD_SRC_DIR/scan"; out="$CODEBUILD_SRC_DIR/out"; rm -rf "$home" "$out"; mkdir -p "$out" "$home/empty" && cd "$home/empty" || exit 1
umask 077; : > none
${config}
set -- PATH="$PATH" HOME="$home"
for name in ${KEPT_VARIABLES.join(' ')}; do eval "value=\\\${$name-}"; [ -z "$value" ] || set -- "$@" "$name=$value"; done
now() { date -u +%Y-%m-%dT%H:%M:%SZ; }
started=$(now)
timeout -k 10 ${seconds} env -i "$@" trivy image ${flags.join(' ')} -- "$IMAGE_REFERENCE" 2> "$home/errors"; code=$?
{ for sign in ${signs}; do grep -a -m 1 -o -E -e "$sign" "$home/errors"; done; tail -c 16384 "$home/errors"; } > "$out/${IncomingFile.errors}"; cat "$out/${IncomingFile.errors}" >&2
timeout -k 10 60 env -i "$@" trivy version --format=json --cache-dir="$home/cache" > "$out/${IncomingFile.version}" 2> /dev/null
if [ $code -eq 0 ]; then
  timeout -k 10 ${seconds} env -i "$@" trivy convert --format=cyclonedx --output=sbom.cdx.json report.json 2> /dev/null && gzip -c sbom.cdx.json > "$out/${IncomingFile.sbom}"
  gzip -c report.json > "$out/${IncomingFile.report}"
fi
printf '{"exitCode":%d,"startedAt":"%s","finishedAt":"%s"}' $code "$started" "$(now)" > "$out/${IncomingFile.run}"
cd "$out" && sha256sum ${IncomingFile.errors} ${IncomingFile.version} ${IncomingFile.run} $(ls | grep -F .gz) > ${IncomingFile.checksums}
export SUMS_SHA256=$(sha256sum ${IncomingFile.checksums} | cut -d ' ' -f 1)
`.trim().replaceAll('\n\n', '\n');
}
