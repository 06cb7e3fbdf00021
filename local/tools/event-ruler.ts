import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { basename, delimiter, dirname, join } from 'node:path';
import { cacheFolder } from './cache-folder';
import { mustRun, NOT_FOUND, run } from './command';
import { sha256Of } from '../../src/core/text/sha256';

const VERSION = '1.7.3';
const JACKSON = '2.16.2';
const PROGRAM = join(__dirname, 'EventRuler.java');
/** Event Ruler and what it needs, with the sha256 of each. */
const JARS: Readonly<Record<string, string>> = {
  [`software.amazon.event.ruler:event-ruler:${VERSION}`]:
    'b12c3d6bca84bb2e87f27faebb9f52d907db22178065b1d4ee95e00495cfe60c',
  [`com.fasterxml.jackson.core:jackson-annotations:${JACKSON}`]:
    'd1cdd269ebaa753d1842933194e17d61958f058952d63e03dbfb3d1d78a6926e',
  [`com.fasterxml.jackson.core:jackson-core:${JACKSON}`]:
    '4f43e2f1430b2d2413e8e5a3d79138e57e891d6a961b18c28ac90859639d8664',
  [`com.fasterxml.jackson.core:jackson-databind:${JACKSON}`]:
    '53b6025d98c357068296e4b134242443a248c2c582800879f1c4ea93b54bafa6',
};
const REMEDY = 'install a JDK of version 17 or newer, and Maven (on Debian: apt-get install maven)';

export interface RulerQuestion {
  readonly pattern: object;
  readonly events: readonly object[];
}

/** Which of the events match, or what is wrong with the pattern. */
export type RulerAnswer = readonly boolean[] | string;

/** The library by which EventBridge matches events, as AWS publishes it. */
export type EventRuler = (questions: readonly RulerQuestion[]) => Promise<readonly RulerAnswer[]>;

/** Its archives come from Maven's repository once, and are compared with what is pinned here. */
export async function ensureEventRuler(say: (line: string) => void): Promise<EventRuler> {
  const home = join(cacheFolder(), 'tools', `event-ruler-${VERSION}`);
  if (!existsSync(home)) {
    say(`fetching Event Ruler ${VERSION} by Maven, once: this takes about 10 seconds`);
    await fetchJars(home);
  }
  const classPath = Object.keys(JARS)
    .map(jar => join(home, fileOf(jar)))
    .join(delimiter);
  return async questions => {
    const input = JSON.stringify(questions);
    const { code, stdout, stderr } = await run('java', ['-cp', classPath, PROGRAM], { input });
    if (code === NOT_FOUND) throw new Error(`no java on PATH; ${REMEDY}`);
    if (code !== 0) throw new Error(`Event Ruler ended with ${code}: ${stderr.trim().slice(0, 1000)}`);
    return JSON.parse(stdout) as RulerAnswer[];
  };
}

/** Fills a draft folder, then renames it: another process sees all archives or none. */
async function fetchJars(home: string): Promise<void> {
  await mkdir(dirname(home), { recursive: true });
  const draft = await mkdtemp(join(dirname(home), `.${basename(home)}-`));
  try {
    for (const [jar, expected] of Object.entries(JARS)) {
      const flags = ['--batch-mode', '--quiet', 'dependency:copy'];
      await mustRun('mvn', [...flags, `-Dartifact=${jar}`, `-DoutputDirectory=${draft}`], REMEDY);
      const sha256 = sha256Of(readFileSync(join(draft, fileOf(jar))));
      if (sha256 === expected) continue;
      throw new Error(
        `${jar} has sha256 ${sha256}, expected ${expected}; do not use it: the archive or the connection was tampered with`,
      );
    }
    await rename(draft, home).catch((error: unknown) => {
      if (!existsSync(home)) throw error; // else another process was faster, with the same archives
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

function fileOf(jar: string): string {
  const [, artifact, version] = jar.split(':');
  return `${artifact}-${version}.jar`;
}
