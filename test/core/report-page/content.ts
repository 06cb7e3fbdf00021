import { evaluate } from '../../../src/core/evaluation/evaluate';
import { gracePeriodKey } from '../../../src/core/evaluation/grace-periods';
import type { PublishedPolicy } from '../../../src/core/policy/policy';
import { baseSplit } from '../../../src/core/report-page/base-split';
import type { ReportContent } from '../../../src/core/report-page/content';
import type { Fleet } from '../../../src/core/report-page/fleet-page';
import type { Finding } from '../../../src/core/scanning/finding';
import { normalise } from '../../../src/core/scanning/normalise';
import { parseWaivers } from '../../../src/core/waivers/document';
import { DIGEST, evaluation, NOW, policy, STANDARD, verdict, verdictOf, violation } from '../support/made';
import { form, parsed, rawReport, report } from '../support/reports';

/** A recorded report, judged, as its page gets it. */
export function contentOf(name: string, by: PublishedPolicy = STANDARD): ReportContent {
  const judged = verdictOf(evaluate(evaluation(report(name), { policy: by })));
  const findings = normalise(report(name));
  const base = baseSplit(report(name), findings, by.document);
  return {
    outcome: judged.outcome,
    title: `team/${name}`,
    digest: DIGEST,
    policy: by.document,
    images: [{ verdict: judged, findings, ...(base !== undefined && { base }) }],
    noVerdicts: [],
  };
}

/** So many vulnerabilities, of which every tenth is refused. */
export function many(count: number): ReportContent {
  const raw = rawReport('fixable-critical');
  const [first] = raw.Results[1].Vulnerabilities;
  raw.Results[1].Vulnerabilities = Array.from({ length: count }, (_, at) => ({
    ...first,
    VulnerabilityID: `CVE-2026-${10_000 + at}`,
    Severity: at % 10 === 0 ? 'CRITICAL' : ['HIGH', 'MEDIUM', 'LOW'][at % 3],
    PkgName: `package-${at % 300}`,
    InstalledVersion: `1.${at % 300}.0`,
    FixedVersion: `1.${at % 300}.${1 + (at % 17)}`,
    PkgIdentifier: { PURL: `pkg:npm/package-${at % 300}@1.${at % 300}.0` },
    Title: `a flaw of the number ${at}`,
  }));
  const judged = verdictOf(evaluate(evaluation(parsed(raw))));
  return {
    outcome: judged.outcome,
    title: 'team/many',
    digest: DIGEST,
    policy: STANDARD.document,
    images: [{ verdict: judged, findings: normalise(parsed(raw)) }],
    noVerdicts: [],
  };
}

/** Every text that a page can show, given by the image, by a waiver or by Rego, is this one. */
export function saying(text: string): ReportContent {
  const said = { message: text, remedy: text, rule: text, package: text, installedVersion: text };
  const finding = (changes: Partial<Finding>): Finding => ({
    type: 'vulnerability',
    fingerprint: 'a',
    id: text,
    severity: 'CRITICAL',
    title: text,
    package: text,
    purl: text,
    path: text,
    installedVersion: text,
    fixedVersion: text,
    status: text,
    layer: text,
    remedy: text,
    url: text,
    ...changes,
  });
  const waiver = { key: text, owner: text, reason: text, ticket: text, until: '2026-12-01T00:00:00.000Z' };
  const image = {
    platform: text,
    verdict: verdict({
      outcome: 'FAIL',
      policy: { name: text, revision: 1, sha256: text },
      scanner: { image: text, version: text },
      rules: [{ rule: text, action: 'deny', outcome: 'violated', count: 1, waived: 0, deferred: 0 }],
      violations: [violation({ ...said, id: text, fingerprint: 'a' }), { ...said, id: 'other' }],
      violating: ['a'],
      warnings: [violation({ ...said, fingerprint: 'd' })],
      waived: [{ ...violation({ ...said, id: text, fingerprint: 'b' }), action: 'deny', waiver }],
      waivedBy: { [text]: ['b'] },
      deadlines: [
        {
          ...violation({ ...said, fingerprint: 'c' }),
          since: '2026-11-25T00:00:00.000Z',
          due: '2026-12-01T00:00:00.000Z',
        },
      ],
    }),
    findings: [
      finding({}),
      finding({ fingerprint: 'b', severity: 'HIGH' }),
      finding({ fingerprint: 'c', type: 'secret' }),
      finding({
        fingerprint: 'd',
        type: 'misconfiguration',
        severity: 'LOW',
        url: `https://example.com/${text}`,
      }),
      finding({ fingerprint: 'e', type: 'license', severity: 'UNKNOWN' }),
    ],
    base: {
      known: {
        title: text,
        layers: 1,
        findings: new Set(['a']),
        advice: {
          newer: {
            reference: text,
            tags: [text],
            isSameLine: false,
            isNewest: true,
            gone: new Set(['a']),
            stay: 1,
            unknown: 1,
            brings: 1,
          },
        },
      },
      says: text,
      unread: text,
    },
  };
  const others = { platform: text, verdict: verdict(), findings: image.findings };
  return {
    outcome: 'FAIL',
    title: text,
    digest: text,
    policy: { name: text, rules: policy([{ rule: 'secrets', action: 'deny' }]).document.rules },
    images: [
      image,
      { ...others, base: { known: { ...image.base.known, advice: { unread: text } } } },
      { ...others, base: { unread: text, says: text } },
    ],
    noVerdicts: [{ platform: text, cause: text, detail: text, remedy: text }],
  };
}

/** Two images of an index with a waiver, a grace period and an issue of the whole image. */
export function everything(): ReportContent {
  const waivers = parseWaivers(
    JSON.stringify({
      version: 1,
      waivers: [
        {
          id: 'CVE-2021-44228',
          repositories: ['team/app'],
          owner: 'alice@example.com',
          reason: 'the service logs nothing that a user sends',
          ticket: 'SEC-12',
          expires: '2026-12-10',
        },
      ],
    }),
  );
  if (!waivers.ok) throw new Error(waivers.error.join('; '));
  const findings = normalise(report('languages'));
  const late = findings.find(({ id }) => id === 'CVE-2022-30123')!;
  const changes = {
    waivers: { revision: 1, sha256: 'w', waivers: waivers.value },
    gracePeriods: new Map([[gracePeriodKey(late), NOW.toISOString()]]),
  };
  const judged = verdictOf(evaluate(evaluation(report('languages'), changes)));
  const [other] = contentOf('alpine-eol').images;
  return {
    ...contentOf('languages'),
    title: 'team/app:v1',
    digest: form('languages').image,
    images: [
      { platform: 'linux/amd64', findings, verdict: judged },
      { ...other!, platform: 'linux/arm64' },
    ],
  };
}

export function indeterminate(): ReportContent {
  return {
    ...contentOf('clean'),
    outcome: 'ERROR',
    images: [],
    noVerdicts: [
      {
        cause: 'NOT_COVERED',
        detail: 'Trivy found no package database',
        remedy: 'use a base image that has one',
      },
    ],
  };
}

/** One image for each verdict. */
export function fleet(text = 'team/app'): Fleet {
  const image = { digest: DIGEST, tags: ['v1'], revoked: false, signed: false, dues: [] };
  const of = (repository: string) => `111111111111.eu-west-1/${repository}`;
  const judged = {
    scannedAt: NOW.toISOString(),
    validUntil: '2026-11-28T02:00:00.000Z',
    counts: { CRITICAL: 1, HIGH: 2, MEDIUM: 0, LOW: 0, UNKNOWN: 0 },
  };
  const due = (message: string, at: string) => ({ message, remedy: `upgrade ${text}`, due: at });
  return {
    title: 'Images on record',
    at: NOW,
    images: [
      { ...image, repository: of('team/pending'), outcome: 'PENDING' },
      {
        ...image,
        ...judged,
        repository: of('team/passes'),
        outcome: 'PASS',
        signed: true,
        base: { title: 'base/node:20.11', findings: 2, own: 1, newer: 'base/node:20.12' },
        dues: [due('HIGH CVE-2', '2026-12-01T00:00:00.000Z')],
      },
      { ...image, ...judged, repository: of('team/expired'), outcome: 'EXPIRED' },
      {
        ...image,
        repository: of('team/unread'),
        outcome: 'ERROR',
        lastFailedScan: { cause: 'UNSCANNABLE', detail: text },
      },
      {
        ...image,
        ...judged,
        repository: of(text),
        outcome: 'FAIL',
        violations: 1,
        revoked: true,
        base: { title: text, findings: 3, own: 0, newer: text },
        dues: [due(`CRITICAL CVE-1 in ${text}`, '2026-11-24T02:00:00.000Z')],
      },
    ],
  };
}
