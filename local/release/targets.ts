import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { packBeside } from '../package/beside';
import { packLanguage, type Language } from '../package/pack-language';
import { pythonWith } from '../package/python';
import { cacheFolder } from '../tools/cache-folder';
import { mustRun, NOT_FOUND, run } from '../tools/command';

const ROOT = join(__dirname, '..', '..');
export const MANIFEST = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  readonly name: string;
  readonly version: string;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly jsii: {
    readonly targets: {
      readonly java: { readonly maven: { readonly groupId: string; readonly artifactId: string } };
      readonly python: { readonly distName: string };
      readonly dotnet: { readonly packageId: string };
      readonly go: { readonly moduleName: string };
    };
  };
};
const { java, python, dotnet, go } = MANIFEST.jsii.targets;

/** A language, and the registry that has its packages. */
export interface Target {
  readonly language: Language;
  readonly registry: string;
  /** As its users name it. */
  readonly name: string;
  /** The program that packs it, and how it is asked for its version. */
  readonly tool: readonly [program: string, ...args: string[]];
  /** Packs it below a folder. */
  pack(folder: string): Promise<void>;
  /** Installs what was packed there, and synthesises the quickstart with it. Left out if nobody wrote one. */
  synthesise?(folder: string, out: string): Promise<void>;
}

export const TARGETS: readonly Target[] = [
  {
    language: 'js',
    registry: 'npm',
    name: MANIFEST.name,
    tool: ['npm', '--version'],
    pack: async folder => {
      await packLanguage('js', folder);
      await packBeside(join(folder, 'js'));
    },
    synthesise: inTypeScript,
  },
  {
    language: 'python',
    registry: 'PyPI',
    name: python.distName,
    tool: ['python3', '--version'],
    pack: async folder => void (await packLanguage('python', folder)),
    synthesise: inPython,
  },
  {
    language: 'java',
    registry: 'Maven Central',
    name: `${java.maven.groupId}:${java.maven.artifactId}`,
    tool: ['mvn', '--version'],
    pack: packJava,
    synthesise: inJava,
  },
  {
    language: 'dotnet',
    registry: 'NuGet',
    name: dotnet.packageId,
    tool: ['dotnet', '--version'],
    pack: async folder => void (await packLanguage('dotnet', folder)),
  },
  {
    language: 'go',
    registry: 'Go, by its repository',
    name: `${go.moduleName}/${MANIFEST.name.replaceAll('-', '')}`,
    tool: ['go', 'version'],
    pack: async folder => void (await packLanguage('go', folder)),
  },
];

export async function hasTool({ tool: [program, ...args] }: Target): Promise<boolean> {
  return (await run(program, args)).code !== NOT_FOUND;
}

/** What is published of a language, and would not be without its compiler. */
export async function generate({ language }: Target, folder: string): Promise<void> {
  await packLanguage(language, folder, { options: ['--code-only'] });
}

async function inTypeScript(folder: string, out: string): Promise<void> {
  const app = example('quickstart', folder);
  const archive = readdirSync(join(folder, 'js')).find(file => file.startsWith(`${MANIFEST.name}@`))!;
  const peers = Object.entries(MANIFEST.peerDependencies).map(
    ([name, range]) => `${name}@${range.replace('^', '')}`,
  );
  const install = ['install', '--no-audit', '--no-fund', join(folder, 'js', archive), ...peers, 'tsx@4'];
  await mustRun('npm', install, "see npm's log", { cwd: app });
  await mustRun('npx', ['--no-install', 'tsx', 'app.ts'], 'see what it says', inApp(app, out));
}

async function inPython(folder: string, out: string): Promise<void> {
  const app = example('quickstart-python', folder);
  const wheels = readdirSync(join(folder, 'python'));
  const wheel = join(
    folder,
    'python',
    wheels.find(file => file.endsWith('.whl'))!,
  );
  const environment = await pythonWith(wheel, join(folder, 'site'));
  await mustRun('python', ['app.py'], 'see what it says', inApp(app, out, environment));
}

/** Maven keeps there what it downloads, and nothing comes into the repository of whoever runs this. */
const MAVEN = join(cacheFolder(), 'maven');
/** Programs that end in seconds are not worth the second compiler. */
const QUICK = '-XX:TieredStopAtLevel=1 -XX:+UseSerialGC';

async function packJava(folder: string): Promise<void> {
  // packing also installs it there, where one of an earlier run must not stand in for it
  rmSync(join(MAVEN, ...java.maven.groupId.split('.')), { recursive: true, force: true });
  await packLanguage('java', folder, {
    options: [`--maven-local-repository=${MAVEN}`],
    environment: { MAVEN_OPTS: QUICK },
  });
}

async function inJava(folder: string, out: string): Promise<void> {
  const app = example('quickstart-java', folder);
  const goals = ['--quiet', `-Dmaven.repo.local=${MAVEN}`, 'compile', 'exec:java'];
  await mustRun('mvn', goals, 'see what it says', inApp(app, out, { MAVEN_OPTS: QUICK }));
}

function example(name: string, folder: string): string {
  const app = join(folder, 'apps', name);
  mkdirSync(app, { recursive: true });
  cpSync(join(ROOT, 'examples', name), app, { recursive: true, filter: path => !path.endsWith('cdk.out') });
  return app;
}

const inApp = (cwd: string, out: string, environment: NodeJS.ProcessEnv = {}) => ({
  cwd,
  environment: { ...process.env, ...environment, CDK_OUTDIR: out },
});
