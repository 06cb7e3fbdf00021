import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newFolder } from './generated';
import { writeLayout } from '../../../local/images/layout';
import { zooImage, type ZooName } from '../../../local/images/zoo/zoo';
import { Finished, run } from '../../../local/tools/command';
import { ensureTrivy } from '../../../local/tools/trivy';
import { buildDatabase } from '../../../local/vulnerability-database/database';
import { buildJavaDatabase } from '../../../local/vulnerability-database/java-database';

/** For the first time, in which Trivy may be built. */
export const MINUTES = 15 * 60_000;
const BUNDLE = join(__dirname, '../../../assets/cli/trusted-images.js');

/** A machine with Trivy and its databases, on which npx finds our bundle. */
export interface Terminal {
  /** Runs a script as CI systems do, in a folder with an image. */
  run(folder: string, script: string, image?: ZooName): Promise<Finished>;
}

export async function openTerminal(): Promise<Terminal> {
  const cache = newFolder();
  const bin = join(newFolder(), 'bin');
  mkdirSync(bin);
  symlinkSync(await ensureTrivy(line => process.stderr.write(`${line}\n`)), join(bin, 'trivy'));
  program(bin, 'npx', `[ "$1" = cdk-trusted-images ] && shift && exec node '${BUNDLE}' "$@"`);
  program(bin, 'docker', ':'); // the image is there
  await databases(join(cache, 'trusted-images'));
  const environment = {
    PATH: `${bin}:${process.env.PATH}`,
    HOME: newFolder(),
    XDG_CACHE_HOME: cache,
    ECR_REPOSITORY: 'team/app',
  };
  return {
    run: async (folder, script, image = 'clean') => {
      await writeLayout(join(folder, 'image'), await zooImage(image));
      return run('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script], {
        cwd: folder,
        environment,
      });
    },
  };
}

function program(folder: string, name: string, script: string): void {
  writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, name), 0o755);
}

async function databases(folder: string): Promise<void> {
  const updatedAt = new Date();
  for (const [name, build] of [
    ['db', buildDatabase],
    ['java-db', buildJavaDatabase],
  ] as const) {
    await build(join(folder, name), { updatedAt });
    const file = join(folder, name, 'metadata.json');
    // else Trivy takes it for a download that broke off, and wants to have it anew
    writeFileSync(
      file,
      JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), DownloadedAt: updatedAt.toISOString() }),
    );
  }
}
