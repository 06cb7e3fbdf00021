import type { TrivyReport } from '../scanning/trivy-report';

/** Trivy's name for the analyser that reads SBOM files in an image. */
export const SBOM = 'sbom';

/**
 * What Trivy 0.74 reads in an image out of one file and reports by that file's path. An SBOM in a later layer may name that path, and then its list stands in
 * the place of what is in the file (`ApplyLayers` in `pkg/fanal/applier`). Packages of npm, Python, Java and Ruby are reported by language: there it only adds.
 */
export const READ_BY_PATH: ReadonlySet<string> = new Set(['cargo', 'composer-vendor', 'dotnet-core', 'gobinary', 'julia', 'nuget', 'packages-props', 'rustbinary']);

const SBOM_FILE = /\.(?:spdx|cdx)(?:\.json)?$/;

/** A file of which an SBOM says what is in it. An SBOM that says what is in itself replaces nothing. */
export function replacedBySbom({ Results = [] }: TrivyReport): string | undefined {
  return Results.find(({ Class, Type = '', Target, Packages = [] }) =>
    Class === 'lang-pkgs' && READ_BY_PATH.has(Type) && !SBOM_FILE.test(Target) && Packages.some(({ AnalyzedBy }) => AnalyzedBy === SBOM))?.Target;
}
