import type { TrivyReport } from './trivy-report';
import { sha256Of } from '../text/sha256';

/**
 * The sha256 of the packages that a report lists, in any order. An archive of Java counts by its path and
 * artifact: Trivy looks group and version up in its Java database, and where that has several it takes one by
 * chance (0.74: `SearchBySHA1` in `pkg/javadb`).
 */
export function packagesDigest({ Results = [] }: TrivyReport): string {
  const packages = Results.flatMap(({ Class, Type = '', Target, Packages = [] }) =>
    Packages.map(({ Name, Version = '', Release = '', FilePath = '', AnalyzedBy = '' }) =>
      JSON.stringify(
        Type === 'jar'
          ? [Type, FilePath, artifactOf(Name)]
          : [Type, Class === 'lang-pkgs' ? Target : '', FilePath, Name, Version, Release, AnalyzedBy],
      ),
    ),
  );
  return sha256Of(packages.sort().join('\n'));
}

/** Of `group:artifact`. */
function artifactOf(name: string): string {
  return name.slice(name.lastIndexOf(':') + 1);
}
