import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onlyEmulated } from './only-emulated';
import { cacheFolder } from '../../local/tools/cache-folder';
import { ROOT } from '../docs/markdown';
import { packLanguage } from '../newcomer/pack-language';

onlyEmulated('it synthesises an app and asks no cloud');

/** Maven keeps there what it downloads, and nothing comes into the repository of whoever runs this. */
const local = join(cacheFolder(), 'maven');
const hasMaven = spawnSync('mvn', ['--version']).status === 0;
/** Programs that end in seconds are not worth the second compiler. */
const QUICK = '-XX:TieredStopAtLevel=1 -XX:+UseSerialGC';
/** The package of sources and the one of javadoc, whose errors jsii ignores, are not what an app needs. */
const ONLY_CLASSES = '-Dmaven.source.skip=true -Dmaven.javadoc.skip=true';
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'java-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

(hasMaven ? test : test.skip)(
  'an app in Java is compiled against the package and synthesised (skipped where there is no Maven)',
  async () => {
    // which also installs it into this repository, where one of an earlier run must not stand in for it
    rmSync(join(local, 'io', 'github', 'example'), { recursive: true, force: true });
    await packLanguage('java', folder, {
      options: [`--maven-local-repository=${local}`],
      environment: { MAVEN_OPTS: `${QUICK} ${ONLY_CLASSES}` },
    });

    const app = join(folder, 'app');
    cpSync(join(ROOT, 'examples', 'quickstart-java'), app, { recursive: true });
    execFileSync('mvn', ['--quiet', `-Dmaven.repo.local=${local}`, 'compile', 'exec:java'], {
      cwd: app,
      env: { ...process.env, CDK_OUTDIR: join(folder, 'cdk.out'), MAVEN_OPTS: QUICK },
      stdio: 'pipe',
    });

    const out = join(folder, 'cdk.out');
    const templates = readdirSync(out).filter(file => file.endsWith('.template.json'));
    expect(templates.sort()).toEqual(['JavaImages.template.json', 'JavaService.template.json']);
    const service = JSON.parse(readFileSync(join(out, 'JavaService.template.json'), 'utf8')) as {
      Resources: Record<string, { Type: string }>;
    };
    expect(Object.values(service.Resources).map(({ Type }) => Type)).toContain('Custom::TrustedImage');
  },
  600_000,
);
