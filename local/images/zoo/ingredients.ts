import { ContainerConfig, HistoryEntry } from '../image';
import { Layer } from '../layer';
import { NpmPackage } from '../npm-packages';
import { alpine, debian, OsPackage } from '../os-packages';

/** CVE-2021-44906, critical and fixed. */
export const MINIMIST: NpmPackage = {
  name: 'minimist',
  version: '0.0.8',
  integrity:
    'sha512-miQKw5Hv4NS1Psg2517mV4e4dYNaO3++hjAvLOAzKqZ61rH8NS1SK+vbfBWZ5PY/Me/bEWhUwqMghEW5Fb9T7Q==',
};

/** Patched as far as our database knows. */
export const PATCHED: readonly OsPackage[] = [
  { name: 'base-files', version: '13.8+deb13u1' },
  { name: 'ca-certificates', version: '20250419' },
  { name: 'libssl3t64', version: '3.5.1-1+deb13u1', source: 'openssl' },
  { name: 'netbase', version: '6.5' },
  { name: 'zlib1g', version: '1:1.3.dfsg+really1.3.1-1', source: 'zlib' },
];

/** Each has findings, and none of the findings has a fix. */
export const UNFIXED: readonly OsPackage[] = [
  { name: 'bash', version: '5.2.37-2' },
  { name: 'libc6', version: '2.41-12', source: 'glibc' },
  { name: 'libkrb5-3', version: '1.21.3-5', source: 'krb5' },
  { name: 'openssh-client', version: '1:10.0p1-7', source: 'openssh' },
  { name: 'tar', version: '1.35+dfsg-3.1' },
];

export const OLD_ALPINE: readonly OsPackage[] = [
  { name: 'apk-tools', version: '2.10.4-r3' },
  { name: 'busybox', version: '1.31.1-r8' },
  { name: 'libcrypto1.1', version: '1.1.1d-r2', source: 'openssl' },
  { name: 'libssl1.1', version: '1.1.1d-r2', source: 'openssl' },
  { name: 'musl', version: '1.1.24-r0' },
];

/** Trivy 0.74 calls Debian 13 supported until the year 3000. */
export function supportedOs(packages: readonly OsPackage[] = PATCHED): Layer {
  return debian('13.1', 'trixie', packages);
}

/** Supported until 2021-11-01, says Trivy, and no later Trivy will say otherwise. */
export function unsupportedOs(): Layer {
  return alpine('3.11.2', OLD_ALPINE);
}

/** Newer than this Trivy's own table, so it takes it for supported; our database has never heard of it. */
export function unknownOs(): Layer {
  return alpine('3.24.0', OLD_ALPINE);
}

export const APPLICATION = new Layer().file('app/server.js', 'process.stdin.resume();\n', 0o755);

/** No check of Trivy complains of this. */
export const HARDENED: ContainerConfig = {
  User: '65532:65532',
  Entrypoint: ['/app/server.js'],
  Healthcheck: { Test: ['CMD', '/app/server.js', '--healthy'] },
};

/**
 * What BuildKit writes for a Dockerfile with these steps: Trivy turns it back into a Dockerfile and checks
 * that.
 */
export function historyOf(layers: number, config: ContainerConfig): HistoryEntry[] {
  const steps = Array.from({ length: layers }, (_, at): HistoryEntry => ({
    created_by: `COPY layer-${at} / # buildkit`,
  }));
  if (config.User !== undefined) steps.push({ created_by: `USER ${config.User}`, empty_layer: true });
  if (config.Healthcheck !== undefined) {
    steps.push({
      created_by: `HEALTHCHECK &{["${config.Healthcheck.Test.join('" "')}"]}`,
      empty_layer: true,
    });
  }
  return [...steps, { created_by: `ENTRYPOINT ${JSON.stringify(config.Entrypoint)}`, empty_layer: true }];
}
