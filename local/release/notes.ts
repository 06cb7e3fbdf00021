import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { groupedCommits, sectionOf, type Commit } from './changelog';
import { mustRun, run } from '../tools/command';

const ROOT = join(__dirname, '..', '..');
const REMEDY = 'run it in a clone with tags and history';

/** What the changelog says, then the commits since the last tag. A first release has no commits to name. */
export async function releaseNotes(version: string): Promise<string> {
  const said = sectionOf(readFileSync(join(ROOT, 'CHANGELOG.md'), 'utf8'), version) ?? '';
  const last = await run('git', ['describe', '--tags', '--abbrev=0', '--match=v*', 'HEAD^'], { cwd: ROOT });
  const commits = last.code === 0 ? groupedCommits(await commitsSince(last.stdout.trim())) : '';
  return [said, commits].filter(part => part !== '').join('\n\n');
}

async function commitsSince(tag: string): Promise<Commit[]> {
  const format = '--format=%H%x1f%s%x1f%b%x1e';
  const log = await mustRun('git', ['log', '--no-merges', format, `${tag}..HEAD`], REMEDY, { cwd: ROOT });
  return log
    .split('\x1e')
    .map(entry => entry.trim())
    .filter(entry => entry !== '')
    .map(entry => {
      const [hash, subject, body] = entry.split('\x1f');
      return { hash: hash!, subject: subject!, body: body! };
    });
}

async function main(): Promise<void> {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  mkdirSync(join(ROOT, 'dist'), { recursive: true });
  writeFileSync(join(ROOT, 'dist', 'notes.md'), `${await releaseNotes(version)}\n`);
}

if (require.main === module) {
  main().catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  });
}
