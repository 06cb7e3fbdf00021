import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder } from '../../../../local/tools/cache-folder';
import { mustRun } from '../../../../local/tools/command';
import { listed } from '../lists';
import type { Step } from '../overlay';

/** The archives of Maven's repository that are listed, and those that they need. Their names. */
export async function mavenCopies(to: string): Promise<string[]> {
  const project = join(cacheFolder(), 'honest', 'maven');
  await mkdir(project, { recursive: true });
  const dependencies = listed('maven').map(each => {
    const [group, artifact, version] = each.split(':');
    return `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`;
  });
  await writeFile(
    join(project, 'pom.xml'),
    `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>test</groupId><artifactId>honest</artifactId><version>1</version>
<dependencies>${dependencies.join('\n')}</dependencies></project>`,
  );
  await mkdir(to, { recursive: true });
  const goal = 'dependency:copy-dependencies';
  await mustRun(
    'mvn',
    ['--quiet', '--batch-mode', goal, `-DoutputDirectory=${to}`],
    "Maven's repository must be in reach",
    {
      cwd: project,
    },
  );
  return (await readdir(to)).sort();
}

export const mavenArchives: Step = {
  name: 'mvn',
  async change(root) {
    await mavenCopies(join(root, 'opt/app/lib'));
  },
};
