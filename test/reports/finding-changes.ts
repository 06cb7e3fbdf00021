import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Finding } from '../../src/core/scanning/finding';
import { normalise } from '../../src/core/scanning/normalise';
import { readTrivyReport } from '../../src/core/scanning/read-trivy-report';

/** The findings of each recorded report, or why the report is refused. */
export type RecordedFindings = ReadonlyMap<string, readonly Finding[] | string>;

export function recordedFindings(folder: string): RecordedFindings {
  return new Map(
    ['.', 'attacks'].flatMap(below => {
      const at = join(folder, below);
      const files = existsSync(at) ? readdirSync(at) : [];
      return files.filter(isReport).map(file => {
        const read = readTrivyReport(readFileSync(join(at, file)));
        const name = join(below, file.slice(0, -'.json'.length));
        return [name, read.ok ? normalise(read.value) : (read.error.detail ?? read.error.cause)] as const;
      });
    }),
  );
}

function isReport(file: string): boolean {
  return (
    file.endsWith('.json') && !/\.(?:form|image|sarif|cdx)\.json$/.test(file) && file !== 'trivy-version.json'
  );
}

/** What is found now and was not, what is not found any more, and what has another severity: a line each. */
export function findingChanges(before: RecordedFindings, after: RecordedFindings): string[] {
  const names = [...new Set([...before.keys(), ...after.keys()])].sort();
  return names.flatMap(name => {
    const [old, now] = [before.get(name), after.get(name)];
    if (typeof now === 'string') return old === now ? [] : [`${name}: refused now: ${now}`];
    if (now === undefined) return [`${name}: no report any more`];
    if (old === undefined) return [`${name}: a report now, with ${now.length} findings`];
    return between(byKey(typeof old === 'string' ? [] : old), byKey(now)).map(each => `${name}: ${each}`);
  });
}

function between(before: Findings, after: Findings): string[] {
  return [
    ...[...after].flatMap(([key, { severity }]) => {
      const old = before.get(key)?.severity;
      if (old === undefined) return [`added: ${severity} ${key}`];
      return old === severity ? [] : [`${severity} instead of ${old}: ${key}`];
    }),
    ...[...before]
      .filter(([key]) => !after.has(key))
      .map(([key, { severity }]) => `gone: ${severity} ${key}`),
  ].sort();
}

type Findings = ReadonlyMap<string, Finding>;

/** As people name it: a fingerprint could be of another form in another version. */
function byKey(findings: readonly Finding[]): Findings {
  return new Map(
    findings.map(finding => {
      const { type, id, purl, package: name, path } = finding;
      return [[type, id, purl ?? name, path].filter(each => each !== undefined).join(' '), finding];
    }),
  );
}
