import type { ReaderProgram } from './image-reader';
import { IncomingFile } from '../core/evidence/evidence-keys';
import { Limit } from '../core/limits';
import { NormalFormFile, SCAN_INPUT } from '../core/scanning/normal-form';
import { ScanVariable } from '../core/scanning/provenance';
import { SCANNER_SIGNS, THROTTLED } from '../core/scanning/scanner-signs';
import {
  downloadFlags,
  SCAN_HEAP,
  sbomFlags,
  scanFlags,
  secretConfig,
  type SecretSearch,
} from '../core/scanning/trivy-flags';
import { Seconds } from '../core/times';

/**
 * How long the build may continue after its time limit: each step gets at least one second, one step may have
 * to be killed, and the version is always read.
 */
export const OVERTIME_SECONDS =
  4 + Seconds.stepKillAfter + Seconds.stepVersion + Seconds.stepVersionKillAfter;

export interface ScanScript {
  /** The time limit of all steps together, in seconds. */
  readonly seconds: number;
  /** The repositories of the two databases. */
  readonly databases: { readonly vulnerabilities: readonly string[]; readonly java: readonly string[] };
  /** `registry.mirrors` of Trivy's configuration. */
  readonly mirrors: Readonly<Record<string, readonly string[]>>;
  readonly reader: ReaderProgram;
  readonly secretSearch: SecretSearch;
}

/**
 * The environment variables of the steps that use a registry, and no others: `TRIVY_*` variables, and others
 * that a project may set, would change the report (rule 5.1, hermetic scan).
 */
const KEPT_VARIABLES = [
  'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
  'AWS_CONTAINER_CREDENTIALS_FULL_URI',
  'AWS_CONTAINER_AUTHORIZATION_TOKEN',
  'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE',
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_REGION',
  'AWS_DEFAULT_REGION',
  'AWS_ENDPOINT_URL',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
  'SSL_CERT_FILE',
];

/**
 * The build, as POSIX shell: Trivy's image has BusyBox and no AWS CLI, and CodeBuild runs it with `sh`.
 *
 * The image reader pulls one image by its digest and writes its normal form, while the databases are
 * downloaded. Then Trivy scans the normal form, without credentials and without a network, and the reader
 * matches the report with what the image declares to have installed. The build always succeeds: errors are
 * in run.json, and the evaluator interprets them. CodeBuild uploads `out/`. The checksum of the checksums is
 * an exported variable of the build.
 *
 * Public registries throttle builds, because these share their addresses with everybody. A download that is
 * throttled is tried again until a further wait would take half of the time that is left.
 */
export function scanBuildspec(script: ScanScript): object {
  return {
    version: '0.2',
    env: { 'exported-variables': ['SUMS_SHA256'] },
    phases: { build: { commands: [scanCommand(script)] } },
    artifacts: { 'base-directory': 'out', files: ['*'] },
  };
}

function scanCommand({ seconds, databases, mirrors, reader, secretSearch }: ScanScript): string {
  // Trivy reads ./trivy.yaml. The folder is new, so it contains only what is written here
  const config =
    Object.keys(mirrors).length === 0
      ? ''
      : `printf '%s' '${JSON.stringify({ registry: { mirrors } })}' > trivy.yaml`;
  const cache = '../cache';
  // Trivy skips a file of the image that has the name of its configuration. Nobody could know this name when
  // the image was built
  const secrets = `secrets-$${ScanVariable.scanId}.yaml`;
  const scan = scanFlags({
    scanners: ['vuln', 'secret', 'misconfig'],
    input: SCAN_INPUT,
    cache,
    secrets: `"${secrets}"`,
    seconds,
  });
  // each sign once, without the rest of its line: Trivy quotes versions and paths, with which an attacker
  // could push a sign out of the kept part
  const signs = Object.values(SCANNER_SIGNS)
    .map(sign => `'${sign}'`)
    .join(' ');
  return `
home="$CODEBUILD_SRC_DIR/scan"; out="$CODEBUILD_SRC_DIR/out"; rm -rf "$home" "$out"; mkdir -p "$out" "$home/empty" && cd "$home/empty" || exit 1
umask 077; : > none; printf '%s' '${secretConfig(secretSearch)}' > "${secrets}"
${config}
[ "$(uname -m)" = ${reader.machine} ] || { echo "the reader of images is for ${reader.machine}, and this machine is $(uname -m)" >&2; exit 1; }
trivy=$(command -v trivy) || exit 1
now() { date -u +%Y-%m-%dT%H:%M:%SZ; }
begun=$(date +%s); started=$(now)
left() { rest=$((${seconds} - $(date +%s) + begun)); [ $rest -gt 1 ] && echo $rest || echo 1; }
set -- PATH="$PATH" HOME="$home"
for name in ${KEPT_VARIABLES.join(' ')}; do eval "value=\\\${$name-}"; [ -z "$value" ] || set -- "$@" "$name=$value"; done
download() {
  log=$1 pause=${Seconds.databasePause}; shift; trap 'kill $! 2> /dev/null; wait $!; exit 143' TERM
  while :; do
    timeout -k ${Seconds.stepKillAfter} $(left) env -i "$@" 2> "$log" & wait $!; ended=$?
    [ $ended -eq 0 ] || ! grep -q -E '${THROTTLED}' "$log" && return $ended
    later=$((pause + pause * $(od -An -N1 -tu1 /dev/urandom) / 256)) pause=$((pause * 2))
    [ $((2 * later)) -lt $(left) ] || return $ended
    sleep $later & wait $!
  done
}
download "$home/database" "$@" "$trivy" image ${downloadFlags('vulnerabilities', cache, databases.vulnerabilities).join(' ')} & download=$!
cp "$CODEBUILD_SRC_DIR/${reader.path}" "$home/normal-form" && chmod 500 "$home/normal-form" && [ "$(sha256sum < "$home/normal-form")" = "${reader.sha256}  -" ] || { echo "the reader of images is not the one that was synthesised" >&2; kill $download 2> /dev/null; exit 1; }
step=read; timeout -k ${Seconds.stepKillAfter} ${seconds} env -i "$@" "$home/normal-form" --max-bytes=${Limit.normalFormBytes} --max-entries=${Limit.imageFiles} "\${IMAGE_REFERENCE##*@}" form "\${IMAGE_REFERENCE%@*}" 2> "$home/errors"; code=$?
[ -f form/${NormalFormFile.form} ] && cp form/${NormalFormFile.form} "$out/${IncomingFile.form}"
[ $code -eq 0 ] || kill $download 2> /dev/null
alone=; for way in "unshare -n" "unshare -r -n"; do [ -n "$alone" ] || ! $way true 2> /dev/null || alone=$way; done
wait $download; downloaded=$?
if [ $code -eq 0 ]; then step=download code=$downloaded; cp "$home/database" "$home/errors"; fi
if [ $code -eq 0 ] && grep -q '"javaArchives": *true' form/${NormalFormFile.form}; then
  (download "$home/errors" "$@" "$trivy" image ${downloadFlags('java', cache, databases.java).join(' ')}); code=$?
fi
set -- PATH=/nowhere HOME="$home" ${Object.entries(SCAN_HEAP)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ')}; for name in ${DEAD_ENDS.join(' ')}; do set -- "$@" $name=http://127.0.0.1:9; done
timeout -k ${Seconds.stepVersionKillAfter} ${Seconds.stepVersion} env -i "$@" "$trivy" version --format=json --cache-dir=${cache} > "$out/${IncomingFile.version}" 2> /dev/null & version=$!
if [ $code -eq 0 ]; then
  step=scan; timeout -k ${Seconds.stepKillAfter} $(left) $alone env -i "$@" "$trivy" image ${scan.join(' ')} 2> "$home/errors"; code=$?
fi
if [ $code -eq 0 ]; then
  step=account; timeout -k ${Seconds.stepKillAfter} $(left) $alone env -i "$@" "$home/normal-form" account --advisories=${cache}/db/trivy.db form report.json 2> "$home/account"; code=$?
  if [ $code -eq 0 ]; then cp form/${NormalFormFile.accounting} "$out/${IncomingFile.accounting}"; else cp "$home/account" "$home/errors"; fi
fi
{ for sign in ${signs}; do grep -a -m 1 -o -E -e "$sign" "$home/errors"; done; tail -c 16384 "$home/errors"; } > "$out/${IncomingFile.errors}"; cat "$out/${IncomingFile.errors}" >&2
if [ $code -eq 0 ]; then
  gzip -c report.json > "$out/${IncomingFile.report}" & zipped=$!
  timeout -k ${Seconds.stepKillAfter} $(left) $alone env -i "$@" "$trivy" convert ${sbomFlags(cache).join(' ')} 2> /dev/null && gzip -c sbom.cdx.json > "$out/${IncomingFile.sbom}"
  wait $zipped
fi
wait $version
printf '{"step":"%s","exitCode":%d,"startedAt":"%s","finishedAt":"%s"}' $step $code "$started" "$(now)" > "$out/${IncomingFile.run}"
cd "$out" && sha256sum $(ls | grep -v -F -x ${IncomingFile.checksums}) > ${IncomingFile.checksums}
export SUMS_SHA256=$(sha256sum ${IncomingFile.checksums} | cut -d ' ' -f 1)
`
    .trim()
    .replaceAll('\n\n', '\n');
}

/** Where a network namespace is not allowed, these proxies lead nowhere, so that no request leaves. */
const DEAD_ENDS = ['HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'https_proxy', 'ALL_PROXY'];
