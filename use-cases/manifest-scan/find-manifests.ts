import type { Dirent } from 'node:fs';
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { basename, join, posix, sep } from 'node:path';
import { unclear, type ManifestFinding } from '../../src/core/manifests/finding';
import { looksLikeManifest, readKustomization } from '../../src/core/manifests/not-judged-alone';
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

/** The folders of a chart that Helm itself reads. */
const READ_BY_HELM = ['templates', 'charts', 'crds'];

/**
 * All manifests below a folder, hidden ones too. What lies in a chart or below a kustomization is not a
 * manifest yet: Helm and kustomize read it. Of the rest there, which they do not read, nobody sees anything,
 * so what looks like a manifest is said.
 */
export async function findManifests(root: string): Promise<FoundManifests> {
  const files: { path: string; bytes: Uint8Array }[] = [];
  const toRender: { by: Renderer; path: string }[] = [];
  const problems: ManifestFinding[] = [];
  /** What kustomizations name: they are read before it, since it lies beside or below them. */
  const named = new Set<string>();
  const whole = await realpath(root);
  const skip = (path: string, why: string, remedy: string) =>
    problems.push(unclear('not-read', path, 1, why, remedy));

  const readFileAt = async (path: string, isRendered: boolean): Promise<void> => {
    if (files.length >= MOST_FILES) throw new TooMany();
    const found = await stat(join(root, path));
    if (!found.isFile()) return void skip(path, 'it is not a regular file', 'take it out of the folder');
    if (found.size > LARGEST_MANIFEST) {
      return void skip(path, `it has ${found.size} bytes, allowed: ${LARGEST_MANIFEST}`, 'split it');
    }
    const bytes = await readFile(join(root, path));
    if (!isRendered) return void files.push({ path, bytes });
    if (!looksLikeManifest(path, bytes)) return;
    skip(
      path,
      'it looks like a manifest, but neither the chart nor the kustomization around it reads it',
      'name it in the kustomization, put it into templates/ of the chart, or take it out of their folder',
    );
  };
  /** Where it leads, if that is within the folder. */
  const followed = async (path: string) => {
    const to = await realpath(join(root, path)).catch(() => undefined);
    return to?.startsWith(whole + sep) === true ? stat(to) : undefined;
  };
  /** Helm and kustomize take regular files only. */
  const fileIn = async (folder: string, entries: readonly Dirent[], names: readonly string[]) => {
    for (const entry of entries.filter(({ name }) => names.includes(name))) {
      const path = within(folder, entry.name);
      const target = entry.isSymbolicLink() ? await followed(path) : entry;
      if (target?.isFile() === true) return path;
    }
    return undefined;
  };
  const walk = async (folder: string, isRenderedAround: boolean): Promise<void> => {
    const entries = await readdir(join(root, folder), { withFileTypes: true });
    const here = folder === '' ? '.' : folder;
    const chart = await fileIn(folder, entries, [CHART]);
    const kustomization = await fileIn(folder, entries, KUSTOMIZATIONS);
    if (chart !== undefined) toRender.push({ by: 'helm', path: here });
    if (kustomization !== undefined) {
      const { isComponent, texts } = readKustomization(await readFile(join(root, kustomization), 'utf8'));
      if (!isComponent) toRender.push({ by: 'kustomize', path: here });
      const paths = [...texts, basename(kustomization)].map(text => posix.join(folder, text));
      // kustomize refuses what lies elsewhere
      for (const path of paths.filter(each => each.startsWith(within(folder, '')))) named.add(path);
    }
    const isRendered = isRenderedAround || chart !== undefined || kustomization !== undefined;
    for (const entry of entries.sort((a, b) => compareText(a.name, b.name))) {
      const path = within(folder, entry.name);
      const isManifest = MANIFEST.test(entry.name) && !(isRendered && named.has(path));
      if (entry.isDirectory()) {
        const isRead = entry.name === '.git' || (chart !== undefined && READ_BY_HELM.includes(entry.name));
        if (!isRead) await walk(path, isRendered);
      } else if (entry.isSymbolicLink()) {
        const target = await followed(path);
        if (target === undefined) {
          skip(path, 'it is a link that leads out of the folder, or nowhere', 'put the file in its place');
        } else if (target.isFile() && isManifest) {
          await readFileAt(path, isRendered);
        }
      } else if (isManifest) {
        await readFileAt(path, isRendered);
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

function within(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}
