import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mustRun } from '../../../local/tools/command';
import { VERSIONS } from '../../../local/tools/versions';

/** Files of the source of the pinned Trivy, by their paths in it. */
export async function trivySource(): Promise<(path: string) => string> {
  const module = `github.com/aquasecurity/trivy@v${VERSIONS.trivy}`;
  const answer = await mustRun(
    'go',
    ['mod', 'download', '-json', module],
    'Go must be on PATH, and its module proxy in reach',
    { cwd: tmpdir() },
  );
  const { Dir } = JSON.parse(answer) as { Dir: string };
  return path => readFileSync(join(Dir, path), 'utf8');
}

/** What a pattern finds in a text, by its groups. */
export function all(text: string, pattern: RegExp): string[][] {
  return [...text.matchAll(pattern)].map(([, ...groups]) => groups as string[]);
}

/** The inside of what begins with these words and ends with a bracket at the start of a line. */
export function blockOf(source: string, start: string): string {
  const at = source.indexOf(start);
  if (at < 0) throw new Error(`Trivy's source has no ${JSON.stringify(start)}`);
  return source.slice(
    at + start.length,
    at + start.length + source.slice(at + start.length).search(/\n\t?[})]/),
  );
}
