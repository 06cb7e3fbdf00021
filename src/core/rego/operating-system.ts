/** `input.OS`: which release the vulnerabilities were looked up for. */
export interface OperatingSystem {
  readonly Family: string;
  /** All of it, as the image says it: `3.14.2`. */
  readonly Name: string;
  /** As much of the name as Trivy looks up: `3.14`. */
  readonly Version: string;
}

/**
 * How many parts of its name make a release, by family. @see
 * https://github.com/aquasecurity/trivy/tree/v0.74.0/pkg/detector/ospkg
 */
const PARTS: ReadonlyMap<string, number> = new Map([
  ...['alma', 'amazon', 'centos', 'centos-stream', 'debian', 'fedora', 'oracle', 'redhat', 'rocky'].map(
    family => [family, 1] as const,
  ),
  ...['alpine', 'azurelinux', 'cbl-mariner', 'coreos', 'ubuntu'].map(family => [family, 2] as const),
]);

/**
 * From `Metadata.OS` of a report, which is untrusted and may be anything; `undefined` where it names no
 * system.
 */
export function operatingSystem(metadataOs: unknown): OperatingSystem | undefined {
  if (typeof metadataOs !== 'object' || metadataOs === null) return undefined;
  const { Family, Name } = metadataOs as Record<string, unknown>;
  if (typeof Family !== 'string' || typeof Name !== 'string') return undefined;
  return { Family, Name, Version: versionOf(Family, Name) };
}

function versionOf(family: string, name: string): string {
  // "2 (Karoo)", "2023.5.20240805 (Amazon Linux)"
  const word = family === 'amazon' ? name.trim().split(/\s+/)[0]! : name;
  const parts = PARTS.get(family);
  const version = parts === undefined ? word : word.split('.').slice(0, parts).join('.');
  // its releases were dates: 2018.03
  if (family === 'amazon' && !['2', '2022', '2023'].includes(version)) return '1';
  return version;
}
