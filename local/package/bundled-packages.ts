import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A package whose code is in a bundle. */
export interface BundledPackage {
  /** Its name and version. */
  readonly title: string;
  /** As it calls it itself, for example `MIT`. */
  readonly license: string;
  readonly texts: readonly string[];
}

const TEXT = /^(?:licen[cs]e|copying|notice)(?:[.-].*)?$/i;

/** The packages that these files of `node_modules` belong to. */
export function packagesOf(root: string, inputs: readonly string[]): BundledPackage[] {
  const folders = new Set(inputs.filter(file => file.includes('node_modules/')).map(packageFolder));
  return [...folders]
    .sort()
    .map(folder => {
      const { name, version, license } = JSON.parse(
        readFileSync(join(root, folder, 'package.json'), 'utf8'),
      ) as Record<'name' | 'version' | 'license', string>;
      const texts = readdirSync(join(root, folder))
        .filter(file => TEXT.test(file))
        .sort()
        .map(file => readFileSync(join(root, folder, file), 'utf8').trim());
      return { title: `${name} ${version}`, license, texts };
    })
    .filter(({ title }, at, all) => all.findIndex(other => other.title === title) === at);

  /** Packages have folders with a `package.json` of their own that has no name. */
  function packageFolder(file: string): string {
    for (let folder = dirname(file); folder !== '.'; folder = dirname(folder)) {
      const manifest = join(root, folder, 'package.json');
      if (!existsSync(manifest)) continue;
      const { name, version } = JSON.parse(readFileSync(manifest, 'utf8')) as Record<string, unknown>;
      if (name !== undefined && version !== undefined) return folder;
    }
    throw new Error(`${file} belongs to no package`);
  }
}

/** Each licence text once, below the packages that are under it. */
export function noticesOf(packages: readonly BundledPackage[], where: string): string {
  const line = '='.repeat(80);
  const under = new Map<string, string[]>();
  for (const { title, license, texts } of packages) {
    const text = texts.length > 0 ? texts.join('\n\n') : withoutText(license);
    under.set(text, [...(under.get(text) ?? []), `${title} (${license})`]);
  }
  return [
    `${where}\n`,
    ...[...under].map(([text, titles]) => `${line}\n${titles.join('\n')}\n${line}\n\n${text}\n`),
  ].join('\n');
}

/** LICENSE is the text of the Apache License; the others that occur demand none. */
function withoutText(license: string): string {
  return `It brings no text. Its licence: ${license}${license === 'Apache-2.0' ? ', whose text is in LICENSE' : ''}`;
}
