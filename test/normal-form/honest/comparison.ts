import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { packageFile } from '../../../src/core/scanning/package-file';
import type { TrivyReport } from '../../../src/core/scanning/trivy-report';

export interface Comparison {
  readonly bare: number;
  readonly ours: number;
  /** Findings and packages that Trivy alone has, in files of the final tree. */
  readonly lost: readonly string[];
  /** The same, in files that no runtime shows. */
  readonly ofNoFile: number;
  /** Findings that only we have. */
  readonly gained: readonly Found[];
}

export interface Found {
  readonly text: string;
  /** None of the operating system. */
  readonly path?: string;
}

/** Compares by path, package, version and id. `root` is the tree that all layers make together. */
export function compareFindings(bare: TrivyReport, ours: TrivyReport, root: string): Comparison {
  const [theirs, own] = [findingsOf(bare), findingsOf(ours)];
  const [listed, known] = [packagesOf(bare), packagesOf(ours)];
  const missing = [
    ...[...theirs.values()].filter(each => !own.has(each.text)),
    ...[...listed.values()].filter(each => !known.has(each.text)),
  ];
  const lost = missing.filter(({ path }) => path === undefined || isIn(root, path));
  return {
    bare: theirs.size,
    ours: own.size,
    lost: lost.map(({ text }) => text),
    ofNoFile: missing.length - lost.length,
    gained: [...own.values()].filter(({ text }) => !theirs.has(text)),
  };
}

function findingsOf({ Results = [] }: TrivyReport): Map<string, Found> {
  const found = Results.flatMap(result =>
    (result.Vulnerabilities ?? []).map((each): Found => {
      const path = packageFile(result, each.PkgPath);
      const words = [result.Type, path, each.PkgName, each.InstalledVersion, each.VulnerabilityID];
      return { text: words.map(word => word ?? '').join(' '), ...(path !== undefined && { path }) };
    }),
  );
  return new Map(found.map(each => [each.text, each]));
}

function packagesOf({ Results = [] }: TrivyReport): Map<string, Found> {
  const found = Results.flatMap(result =>
    (result.Packages ?? []).map(({ Name, Version = '', Release = '', FilePath }): Found => {
      const path = packageFile(result, FilePath);
      const words = [result.Type ?? '', path ?? '', Name, Version, Release];
      return { text: words.join(' '), ...(path !== undefined && { path }) };
    }),
  );
  return new Map(found.map(each => [each.text, each]));
}

/** The path of a nested archive goes on within a file. */
function isIn(root: string, path: string): boolean {
  const parts = path.split('/');
  return parts.some((_, at) => {
    const found = lstatSync(join(root, ...parts.slice(0, at + 1)), { throwIfNoEntry: false });
    return found?.isFile() === true;
  });
}
