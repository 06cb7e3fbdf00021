import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packLanguage } from './pack-language';
import { cacheFolder } from '../../local/tools/cache-folder';
import { ROOT } from '../docs/markdown';

/** Maven keeps there what it downloads, and nothing comes into the repository of whoever runs this. */
const local = join(cacheFolder(), 'maven');
const hasMaven = spawnSync('mvn', ['--version']).status === 0;
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'java-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const maven = (args: readonly string[], cwd: string) =>
  execFileSync('mvn', ['--quiet', `-Dmaven.repo.local=${local}`, ...args], {
    cwd,
    env: { ...process.env, CDK_OUTDIR: join(folder, 'cdk.out') },
    stdio: 'pipe',
  });

(hasMaven ? test : test.skip)(
  'an app in Java is compiled against the package and synthesised (skipped where there is no Maven)',
  async () => {
    const java = await packLanguage('java', folder, [`--maven-local-repository=${local}`]);
    const published = join(java, 'io', 'github', 'example', 'cdk-trusted-images', '0.1.0');
    const artifact = join(published, 'cdk-trusted-images-0.1.0');
    const install = 'org.apache.maven.plugins:maven-install-plugin:3.1.4:install-file';
    maven([install, `-Dfile=${artifact}.jar`, `-DpomFile=${artifact}.pom`], folder);

    const app = join(folder, 'app');
    cpSync(join(ROOT, 'examples', 'quickstart-java'), app, { recursive: true });
    maven(['compile', 'exec:java'], app);

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
