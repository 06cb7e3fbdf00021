import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { unclear, type ManifestFinding } from '../../src/core/manifests/finding';
import { LARGEST_MANIFEST } from '../../src/core/manifests/read-manifest';
import { compareText } from '../../src/core/text/compare';

export type Renderer = 'helm' | 'kustomize';

/** What a folder holds. Paths are relative to it, with `/`. */
export interface FoundManifests {
  readonly files: readonly { readonly path: string; readonly bytes: Uint8Array }[];
  /** Folders whose manifests a program has to write first. */
  readonly toRender: readonly { readonly by: Renderer; readonly path: string }[];
  readonly problems: readonly ManifestFinding[];
}

const MANIFEST = /\.(?:ya?ml|json)$/i;
const CHART = 'Chart.yaml';
const KUSTOMIZATIONS = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];
const MOST_FILES = 20_000;

/**
 * All manifests below a folder, hidden ones too. What is in a chart, and what lies beside a kustomization, is
 * not a manifest yet.
 */
export async function findManifests(root: string): Promise<FoundManifests> {
  const files: { path: string; bytes: Uint8Array }[] = [];
  const toRender: { by: Renderer; path: string }[] = [];
  const problems: ManifestFinding[] = [];
  const whole = await realpath(root);
  const skip = (path: string, why: string, remedy: string) =>
    problems.push(unclear('not-read', path, 1, why, remedy));

  const readFileAt = async (path: string): Promise<void> => {
    if (files.length >= MOST_FILES) throw new TooMany();
    const found = await stat(join(root, path));
    if (!found.isFile()) return void skip(path, 'it is not a regular file', 'take it out of the folder');
    if (found.size > LARGEST_MANIFEST) {
      return void skip(path, `it has ${found.size} bytes, allowed: ${LARGEST_MANIFEST}`, 'split it');
    }
    files.push({ path, bytes: await readFile(join(root, path)) });
  };
  /** Where it leads, if that is within the folder. */
  const followed = async (path: string) => {
    const to = await realpath(join(root, path)).catch(() => undefined);
    return to?.startsWith(whole + sep) === true ? stat(to) : undefined;
  };
  const walk = async (folder: string, isKustomized: boolean): Promise<void> => {
    const entries = await readdir(join(root, folder), { withFileTypes: true });
    const names = new Set(entries.map(({ name }) => name));
    const here = folder === '' ? '.' : folder;
    if (names.has(CHART)) return void toRender.push({ by: 'helm', path: here });
    const kustomization = KUSTOMIZATIONS.find(name => names.has(name));
    if (kustomization !== undefined && !(await isComponent(join(root, folder, kustomization)))) {
      toRender.push({ by: 'kustomize', path: here });
    }
    const inKustomization = isKustomized || kustomization !== undefined;
    for (const entry of entries.sort((a, b) => compareText(a.name, b.name))) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) {
        if (entry.name !== '.git') await walk(path, inKustomization);
      } else if (entry.isSymbolicLink()) {
        const target = await followed(path);
        if (target === undefined) {
          skip(path, 'it is a link that leads out of the folder, or nowhere', 'put the file in its place');
        } else if (target.isFile() && MANIFEST.test(entry.name) && !inKustomization) {
          await readFileAt(path);
        }
      } else if (MANIFEST.test(entry.name) && !inKustomization) {
        await readFileAt(path);
      }
    }
  };
  try {
    await walk('', false);
  } catch (error) {
    if (!(error instanceof TooMany)) throw error;
    skip('.', `it has more than ${MOST_FILES} manifests`, 'scan its folders one by one');
  }
  return { files, toRender, problems };
}

class TooMany extends Error {}

/** A component is a part of other kustomizations, and is nothing alone. */
async function isComponent(file: string): Promise<boolean> {
  return /^kind:\s*["']?Component\b/m.test(await readFile(file, 'utf8'));
}
