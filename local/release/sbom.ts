import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { packagesOf } from '../package/bundled-packages';
import { stagePackage } from '../package/stage';
import { mustRun } from '../tools/command';

const ROOT = join(__dirname, '..', '..');
const LINKED = /^(?<module>[a-z0-9.-]+\.[a-z]+\/\S+) (?<version>v\S+): /gm;
const STANDARD_LIBRARY = /^Go standard library: /m;

interface Component {
  readonly type: 'library';
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  readonly licenses?: readonly object[];
}

/**
 * What is in the main package, as CycloneDX: the packages of npm whose code is in its bundles or lies below
 * its `node_modules`, and the modules of Go that its programs are linked with. A scanner sees none of them in
 * what is minified. `inputs` are the files that the bundles were made from.
 */
export function billOfMaterials(stage: string, inputs: readonly string[], goVersion: string): object {
  const { name, version, license } = JSON.parse(readFileSync(join(stage, 'package.json'), 'utf8')) as Record<
    'name' | 'version' | 'license',
    string
  >;
  const files = readdirSync(stage, { recursive: true, encoding: 'utf8' });
  const reached = files.filter(file => /^node_modules\/.*\/package\.json$/.test(file));
  const programs = files
    .filter(file => file.endsWith('/LICENSES.txt'))
    .map(file => readFileSync(join(stage, file), 'utf8'));
  const components = [
    ...packagesOf(ROOT, [...inputs, ...reached]).map(npmComponent),
    ...programs.flatMap(text =>
      [...text.matchAll(LINKED)].map(({ groups }) => goComponent(groups!.module!, groups!.version!)),
    ),
    ...(programs.some(text => STANDARD_LIBRARY.test(text)) ? [goComponent('stdlib', goVersion)] : []),
  ];
  const purls = [...new Set(components.map(({ purl }) => purl))].sort();
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      component: {
        type: 'library',
        name,
        version,
        purl: `pkg:npm/${name}@${version}`,
        licenses: [{ license: { id: license } }],
      },
    },
    components: purls.map(purl => components.find(each => each.purl === purl)),
  };
}

function npmComponent({ title, license }: { readonly title: string; readonly license: string }): Component {
  const [name, version] = title.split(' ') as [string, string];
  return {
    type: 'library',
    name,
    version,
    purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
    licenses: [{ expression: license }],
  };
}

function goComponent(name: string, version: string): Component {
  return { type: 'library', name, version, purl: `pkg:golang/${name}@${version}` };
}

async function main(to: string): Promise<void> {
  const stage = mkdtempSync(join(tmpdir(), 'sbom-'));
  try {
    const inputs = await stagePackage(stage);
    const cwd = join(ROOT, 'normal-form');
    const go = await mustRun('go', ['env', 'GOVERSION'], 'install Go 1.26 or newer', { cwd });
    mkdirSync(join(to, '..'), { recursive: true });
    const text = JSON.stringify(billOfMaterials(stage, inputs, go.trim().replace('go', 'v')), undefined, 2);
    writeFileSync(to, `${text}\n`);
    process.stderr.write(`${relative(ROOT, to)} is written\n`);
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

if (require.main === module) {
  main(join(ROOT, 'dist', 'sbom.cdx.json')).catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  });
}
