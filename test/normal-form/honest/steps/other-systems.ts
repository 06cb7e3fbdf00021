import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mustRun } from '../../../../local/tools/command';
import { ensurePackage } from '../../../conformance/packages';
import type { Step } from '../overlay';

const TRIVY = 'go:github.com/aquasecurity/trivy';
const RPMDB = 'go:github.com/knqyf263/go-rpmdb';
/** By their names in test/conformance/packages.json. */
export const PACKAGES_WITH_SYSTEMS = [TRIVY, RPMDB] as const;

/**
 * A whole image that the sources of Trivy carry, as `docker save` wrote it: a step for each of its layers.
 */
export function savedImage(name: string, layers: number): Step[] {
  return Array.from({ length: layers }, (_, at) => ({
    name: `${name} ${at}`,
    async change(root: string) {
      const archive = join(await ensurePackage(TRIVY), 'pkg/fanal/test/testdata', `${name}.tar.gz`);
      const folder = await mkdtemp(join(tmpdir(), 'saved-'));
      try {
        await mustRun('tar', ['-xzf', archive, '-C', folder], 'see test/conformance/packages.json');
        const [{ Layers }] = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')) as [
          { readonly Layers: readonly string[] },
        ];
        if (Layers.length !== layers) {
          throw new Error(`${name} has ${Layers.length} layers, expected: ${layers}`);
        }
        await mustRun('tar', ['-xf', join(folder, Layers[at]!), '-C', root], 'run it as root');
      } finally {
        await rm(folder, { recursive: true });
      }
    },
  }));
}

/** What a system calls itself, and the database of rpm that a reader of such databases is tested with. */
export interface RpmSystem {
  readonly folder: string;
  readonly file: 'Packages' | 'Packages.db' | 'rpmdb.sqlite';
  readonly release: Readonly<Record<string, string>>;
}

/**
 * The database of a real system, and nothing else of it: its packages are in no registry that this project
 * asks.
 */
export function rpmDatabase({ folder, file, release }: RpmSystem): Step {
  return {
    name: `rpm ${folder}`,
    async change(root) {
      const source = join(await ensurePackage(RPMDB), 'pkg/testdata', folder, file);
      const at = join(root, 'var/lib/rpm');
      await mkdir(at, { recursive: true });
      await cp(source, join(at, file));
      await mkdir(join(root, 'etc'));
      const lines = Object.entries(release).map(([key, value]) => `${key}="${value}"\n`);
      await writeFile(join(root, 'etc/os-release'), lines.join(''));
    },
  };
}
