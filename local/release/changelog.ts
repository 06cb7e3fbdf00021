/** What stands below the heading of a version. Undefined if there is none with a day. */
export function sectionOf(changelog: string, version: string): string | undefined {
  const heading = new RegExp(`^## \\[${version.replaceAll('.', '\\.')}\\] - \\d{4}-\\d{2}-\\d{2}\\n`, 'm');
  const found = heading.exec(changelog);
  if (found === null) return undefined;
  const rest = changelog.slice(found.index + found[0].length);
  const next = rest.search(/^## \[/m);
  return (next === -1 ? rest : rest.slice(0, next)).trim();
}

export interface Commit {
  readonly hash: string;
  /** The first line. */
  readonly subject: string;
  readonly body: string;
}

const CONVENTIONAL = /^(?<type>[a-z]+)(?:\((?<scope>[^)]+)\))?(?<breaking>!)?: (?<text>.+)$/;
const BREAKING = /^BREAKING[ -]CHANGE: /m;

/** Conventional commits that users notice, by what they do. Others are not named. */
export function groupedCommits(commits: readonly Commit[]): string {
  const groups = { 'Breaking changes': [] as string[], Features: [] as string[], Fixes: [] as string[] };
  for (const { hash, subject, body } of commits) {
    const { type, scope, breaking, text } = CONVENTIONAL.exec(subject)?.groups ?? {};
    const isBreaking = breaking !== undefined || BREAKING.test(body);
    const group = isBreaking
      ? 'Breaking changes'
      : type === 'feat'
        ? 'Features'
        : type === 'fix'
          ? 'Fixes'
          : undefined;
    if (group === undefined) continue;
    groups[group].push(
      `- ${scope === undefined ? '' : `**${scope}:** `}${text ?? subject} (${hash.slice(0, 8)})`,
    );
  }
  return Object.entries(groups)
    .filter(([, lines]) => lines.length > 0)
    .map(([title, lines]) => `### ${title}\n\n${lines.join('\n')}\n`)
    .join('\n');
}
