import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { whyNotReleased } from './why-not-released';
import { NAMES, placeholdersIn } from '../../projenrc/names';
import { run } from '../tools/command';

const ROOT = join(__dirname, '..', '..');
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');

export async function whyTagIsNotReleased(tag: string): Promise<string[]> {
  const { code } = await run('git', ['merge-base', '--is-ancestor', 'HEAD', 'origin/main'], { cwd: ROOT });
  const { version } = JSON.parse(read('package.json')) as { version: string };
  return whyNotReleased({
    tag,
    version,
    changelog: read('CHANGELOG.md'),
    placeholders: placeholdersIn(NAMES),
    isOnMain: code === 0,
  });
}

async function main(tag: string | undefined): Promise<void> {
  if (tag === undefined) throw new Error('which tag? For example: npm run release:check -- v0.1.0');
  const reasons = await whyTagIsNotReleased(tag);
  if (reasons.length > 0) throw new Error(`${tag} is not released:\n- ${reasons.join('\n- ')}`);
}

if (require.main === module) {
  main(process.argv[2]).catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  });
}
