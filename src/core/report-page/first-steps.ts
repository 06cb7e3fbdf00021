import { comparisonText, tagsText } from './base-words';
import type { ReportContent } from './content';
import type { Listed } from './listed-findings';
import { countBySeverity } from '../evidence/severity-counts';
import type { SeverityCounts, Violation } from '../evidence/verdict';
import { grouped } from '../grouped';
import { SEVERITIES, severityRank } from '../scanning/finding';
import { upgradeFor } from '../scanning/upgrade';
import { compareText } from '../text/compare';

/** One thing to do, and how many findings vanish with it. */
export interface Step {
  /** As an instruction. */
  readonly what: string;
  readonly why: string;
  /** Findings that vanish, by severity. */
  readonly severities: SeverityCounts;
  /** How many findings, or issues of the image as a whole, that the policy refuses vanish. */
  readonly refused: number;
  readonly vanish: number;
}

/**
 * What to do, the most urgent first: a rebuild on a newer base image, then what removes the most of what is
 * refused, then what removes the worst findings. Vulnerabilities that no version fixes are in it only if they
 * are refused, or a newer base image does not have them.
 */
export function firstSteps(findings: readonly Listed[], { images }: Pick<ReportContent, 'images'>): Step[] {
  const open = findings.filter(({ treatment }) => treatment !== 'waived');
  const [fixed, others] = split(
    open,
    ({ type, fixedVersion }) => type === 'vulnerability' && fixedVersion !== undefined,
  );
  const refused = others.filter(({ treatment }) => treatment === 'refused' || treatment === 'deferred');
  const steps = [
    ...imageSteps(
      ofNoFinding(
        images.flatMap(({ verdict }) => verdict.violations),
        findings,
      ),
    ),
    ...groupsOf(
      fixed,
      ({ purl, package: name, installedVersion }) => purl ?? `${name}@${installedVersion}`,
    ).flatMap(upgrades),
    ...groupsOf(refused, otherWork).map(group => step(otherWork(group[0]!), otherWhy(group), group)),
  ];
  const sorted = steps.sort(
    (a, b) =>
      b.refused - a.refused || worst(a) - worst(b) || b.vanish - a.vanish || compareText(a.what, b.what),
  );
  return [...rebuilds(images, open), ...sorted];
}

/** Once for all images of an index whose base images are of one index. */
function rebuilds(images: ReportContent['images'], open: readonly Listed[]): Step[] {
  const newer = images.flatMap(({ base }) => base?.known?.advice?.newer ?? []);
  return groupsOf(newer, ({ reference }) => reference).flatMap(group => {
    const gone = open.filter(({ fingerprint }) => group.some(each => each.gone.has(fingerprint)));
    if (gone.length === 0) return [];
    const [first] = group;
    const what = `rebuild on ${first!.reference}${tagsText(first!)}`;
    return [step(what, [...new Set(group.map(comparisonText))].join('; '), gone)];
  });
}

/** What rules say of the image as a whole, or of what Trivy does not list as a finding, such as licences. */
export function ofNoFinding(violations: readonly Violation[], findings: readonly Listed[]): Violation[] {
  const fingerprints = new Set(findings.map(({ fingerprint }) => fingerprint));
  const ids = new Set(findings.map(({ id }) => id));
  return violations.filter(({ fingerprint, id }) =>
    fingerprint === undefined ? id === undefined || !ids.has(id) : !fingerprints.has(fingerprint),
  );
}

/** Once for all images of an index. */
function imageSteps(violations: readonly Violation[]): Step[] {
  return groupsOf(violations, ({ remedy }) => remedy).map(group => {
    const messages = [...new Set(group.map(({ message }) => message))];
    const more = messages.length - 1;
    return {
      what: group[0]!.remedy,
      why: `${messages[0]!}${more === 0 ? '' : `, and ${more} more like it`}`,
      severities: countBySeverity([]),
      refused: messages.length,
      vanish: 0,
    };
  });
}

/**
 * One upgrade for all findings of a package, if it is clear which version fixes them all; otherwise one for
 * each version that fixes something.
 */
function upgrades(group: readonly Listed[]): Step[] {
  const to = upgradeOf(group);
  return to === undefined
    ? groupsOf(group, ({ fixedVersion }) => fixedVersion!).map(part =>
        upgrade(part, upgradeOf(part) ?? part[0]!.fixedVersion!),
      )
    : [upgrade(group, to)];
}

function upgradeOf(group: readonly Listed[]): string | undefined {
  const [{ installedVersion } = { installedVersion: undefined }] = group;
  return upgradeFor(
    installedVersion,
    group.map(({ fixedVersion }) => fixedVersion!),
  );
}

function upgrade(group: readonly Listed[], to: string): Step {
  const { package: name, installedVersion } = group[0]!;
  const paths = [...new Set(group.flatMap(({ path }) => path ?? []))];
  const places =
    paths.length > 3
      ? `${paths.slice(0, 3).join(', ')} and ${paths.length - 3} more files`
      : paths.join(', ');
  return step(
    `upgrade ${name}${installedVersion === undefined ? '' : ` from ${installedVersion}`} to ${to}`,
    places === '' ? '' : `in ${places}`,
    group,
  );
}

function otherWork({ type, package: name, remedy, title }: Listed): string {
  if (type === 'vulnerability') return `remove ${name}, or have its findings waived`;
  return remedy ?? title;
}

function otherWhy(group: readonly Listed[]): string {
  const [first] = group;
  return first!.type === 'vulnerability' ? 'no version fixes them yet' : first!.title;
}

function step(what: string, why: string, group: readonly Listed[]): Step {
  return {
    what,
    why,
    severities: countBySeverity(group),
    refused: group.filter(({ treatment }) => treatment === 'refused').length,
    vanish: group.length,
  };
}

function worst({ severities }: Step): number {
  return severityRank(SEVERITIES.find(severity => severities[severity] > 0));
}

function split<T>(all: readonly T[], is: (each: T) => boolean): [T[], T[]] {
  const [yes, no]: [T[], T[]] = [[], []];
  for (const each of all) (is(each) ? yes : no).push(each);
  return [yes, no];
}

function groupsOf<T>(all: readonly T[], keyOf: (each: T) => string): T[][] {
  return [...grouped(all, keyOf).values()];
}
