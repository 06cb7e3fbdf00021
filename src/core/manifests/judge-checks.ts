import type { ManifestFinding } from './finding';
import type { CheckFinding } from './trivy-findings';
import { judge } from '../evaluation/judge';
import type { Violation } from '../evidence/verdict';
import type { Image } from '../image/image';
import type { PublishedPolicy } from '../policy/policy';
import { RULES } from '../policy/rules';
import type { PublishedWaivers } from '../waivers/active-waivers';

/** The rules of a policy that look at misconfigurations. All others are about images. */
export interface RulesForManifests {
  readonly policy: PublishedPolicy;
  /** The policy has no such rule, so the standard one is asked. */
  readonly isStandard: boolean;
}

export function rulesForManifests(published: PublishedPolicy): RulesForManifests {
  const { document } = published;
  const own = document.rules.filter(({ rule }) => RULES.get(rule)?.looksAt?.type === 'misconfiguration');
  const standard = {
    rule: 'misconfigurations',
    action: document.audit === true ? ('warn' as const) : ('deny' as const),
    severities: ['CRITICAL', 'HIGH'],
  };
  const rules = own.length > 0 ? own : [standard];
  return { policy: { ...published, document: { ...document, rules } }, isStandard: own.length === 0 };
}

interface Judged {
  readonly policy: PublishedPolicy;
  readonly waivers: PublishedWaivers;
  /** Of the repository that the manifests belong to: waivers can be for one. */
  readonly image: Image;
  readonly now: Date;
}

/** What the policy makes of each finding: what no rule counts is not said. */
export function judgeChecks(
  findings: readonly CheckFinding[],
  { policy, waivers, image, now }: Judged,
): ManifestFinding[] {
  const judged = judge(
    // rules about misconfigurations look at findings only
    {
      findings,
      report: {
        SchemaVersion: 2,
        ArtifactName: 'manifests',
        ArtifactType: 'container_image',
        Metadata: { ImageID: '', ImageConfig: {} },
      },
      coverage: { unknownRelease: false },
      database: { updatedAt: now.toISOString() },
      scannedAt: now.toISOString(),
      now,
    },
    policy,
    {
      image,
      waivers: waivers.waivers,
      gracePeriods: new Map(),
      wasTrusted: false,
      waivedBefore: new Set(),
      now,
    },
  );
  const byFingerprint = new Map(findings.map(finding => [finding.fingerprint, finding]));
  const said = (list: readonly Violation[], level: ManifestFinding['level'], why = (_: Violation) => '') =>
    list.flatMap(violation => {
      const finding = byFingerprint.get(violation.fingerprint ?? '');
      if (finding === undefined) return [];
      const { id, severity, title, remedy = '', url, line, file } = finding;
      return [
        {
          rule: id,
          level,
          file: file.object.file,
          line,
          object: file.object.name,
          severity,
          message: `${title}${why(violation)}`,
          remedy,
          ...(url !== undefined && { url }),
        },
      ];
    });
  const waivedWhy = new Map(
    judged.waived.map(({ fingerprint, waiver: { owner, until, reason } }) => [
      fingerprint,
      `; waived by ${owner} until ${until.slice(0, 10)}: ${reason}`,
    ]),
  );
  return [
    ...said(judged.violations, 'refused'),
    ...said(judged.warnings, 'warned'),
    ...said(judged.waived, 'waived', ({ fingerprint }) => waivedWhy.get(fingerprint) ?? ''),
  ];
}
