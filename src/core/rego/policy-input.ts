import * as z from 'zod';
import { TrivyReport } from '../scanning/trivy-report';

/**
 * Functions of OPA that no policy can call, since a verdict depends on nothing but the report, the policy and
 * its data; each with what it would do.
 */
const REMOVED = {
  'http.send': 'asks the network',
  'net.lookup_ip_addr': 'asks the network',
  'opa.runtime': 'shows the environment',
  'rego.parse_module':
    "brings the compiler into the evaluation, and with that a stranger's text into the compiler",
} as const;

export const REMOVED_FUNCTIONS: readonly string[] = Object.keys(REMOVED);

/** `input.OS`: the release that Trivy looked up vulnerabilities for. */
const OperatingSystem = z.object({
  Family: z.string(),
  /** The whole name, as the image has it: `3.14.2`. */
  Name: z.string(),
  /** The part of the name that Trivy looks up: `3.14`. */
  Version: z.string(),
});
export type OperatingSystem = z.infer<typeof OperatingSystem>;

/**
 * What a policy may ask of `input`. Asking for more is an error at compile time: a field that is not in the
 * report is undefined, a rule about it never refuses, and the gate would be open in silence.
 */
export const REPORT_SCHEMA: object = z.toJSONSchema(TrivyReport.extend({ OS: OperatingSystem.optional() }), {
  target: 'draft-7',
});

/**
 * How many parts of its version make a release, by family. @see
 * https://github.com/aquasecurity/trivy/tree/v0.74.0/pkg/detector/ospkg
 */
const PARTS: ReadonlyMap<string, number> = new Map([
  ...['alma', 'amazon', 'centos', 'centos-stream', 'debian', 'fedora', 'oracle', 'redhat', 'rocky'].map(
    family => [family, 1] as const,
  ),
  ...['alpine', 'azurelinux', 'cbl-mariner', 'coreos', 'ubuntu'].map(family => [family, 2] as const),
]);

/**
 * From `Metadata.OS` of a report, which is untrusted and may be anything. Undefined where it names no
 * operating system.
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
  // the releases of version 1 were dates: 2018.03
  if (family === 'amazon' && !['2', '2022', '2023'].includes(version)) return '1';
  return version;
}
