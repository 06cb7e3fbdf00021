import type { Scanned } from './scan';

const TITLES = [
  'image',
  'layers',
  'declare',
  'accounted',
  'nameless',
  'distribution',
  'unread',
  'not covered',
];
const MORE = [
  'bare',
  'ours',
  'lost',
  'gone',
  'files more',
  'bare s',
  'ours s',
  'bare cpu',
  'ours cpu',
  'read s',
  'account s',
  'reader MiB',
];

export const HEAD = `| ${[...TITLES, ...MORE].join(' | ')} |\n|${'---|'.repeat(TITLES.length + MORE.length)}`;

/** A line of the table in docs/limits.md, and more. */
export function lineOf(name: string, layers: number, scanned: Scanned): string {
  const { accounting, findings, read, scan, account, bare } = scanned;
  const { declared, accounted, excused, unreadCount, notCoveredCount } = accounting;
  const seconds = (value: number) => value.toFixed(1);
  return `| ${[
    name,
    layers,
    declared,
    accounted,
    excused.nameless,
    excused.ofDistribution,
    unreadCount,
    notCoveredCount,
    findings.bare,
    findings.ours,
    findings.lost.length,
    findings.ofNoFile,
    new Set(findings.gained.map(({ path }) => path)).size,
    seconds(bare.seconds),
    seconds(read.seconds + scan.seconds + account.seconds),
    seconds(bare.ofProcessor),
    seconds(read.ofProcessor + scan.ofProcessor + account.ofProcessor),
    seconds(read.seconds),
    seconds(account.seconds),
    Math.max(read.mebibytes, account.mebibytes),
  ].join(' | ')} |`;
}

/** Files of kinds that Trivy never reads: how many for which reason. */
export function unreadKinds({ accounting }: Scanned): string[] {
  const counts = new Map<string, number>();
  for (const { kind, detail } of accounting.unread) {
    const reason = `${kind}: ${detail.replace(/\d+/g, 'N').replace(/"[^"]*"/g, '"…"')}`;
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  return [...counts].sort(([, a], [, b]) => b - a).map(([reason, count]) => `${count} × ${reason}`);
}
