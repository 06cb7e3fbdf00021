import type { PolicyFileOptions, Say } from './policy-file-options';
import type { WaiverFileSource } from './policy-file-schema';
import type { Result } from '../result';
import { given, type WaiverProblem } from '../text/problem';
import { joinWaivers } from '../waivers/document';
import type { ImportDefaults } from '../waivers/imported';
import type { Life } from '../waivers/life';
import { fromOpenVex } from '../waivers/open-vex';
import { readWaivers } from '../waivers/read-waivers';
import { fromTrivyIgnore } from '../waivers/trivy-ignore';
import type { Waivers } from '../waivers/waiver';

interface WaiverFiles extends Pick<PolicyFileOptions, 'read'> {
  readonly folder: string;
  readonly life: Life;
  readonly say: Say;
}

export type WaiverFormat = 'waivers' | 'trivyignore' | 'openvex';

export function formatOf({ file, format }: Pick<WaiverFileSource, 'file' | 'format'>): WaiverFormat {
  if (format !== undefined) return format;
  if (/(?:^|\/)\.trivyignore(?:\.ya?ml)?$/.test(file)) return 'trivyignore';
  return file.endsWith('.json') ? 'openvex' : 'waivers';
}

/** What all files accept together, and what is wrong in them. */
export function readWaiverFiles(
  sources: readonly WaiverFileSource[],
  { folder, life, read, say }: WaiverFiles,
): { waivers: Waivers; problems: WaiverProblem[] } {
  const problems: WaiverProblem[] = [];
  const waivers = sources.flatMap((source, index) => {
    const at = ['waivers', index] as const;
    const wrong = whyWrong(source);
    if (wrong !== undefined) say([...at, wrong.key], wrong.message);
    const found = read(source.file);
    const [text, ...more] = found.ok ? found.value : [];
    if (text === undefined || more.length > 0 || text.name !== source.file) {
      say(
        [...at, 'file'],
        `${given(source.file)} ${found.ok ? 'is a folder, allowed: a file' : found.error}`,
      );
    }
    if (wrong !== undefined || text?.name !== source.file) return [];
    const accepted = accept(text.text, folder + source.file, source, life);
    if (!accepted.ok) problems.push(...accepted.error);
    return accepted.ok ? [accepted.value] : [];
  });
  return { waivers: joinWaivers(waivers), problems };
}

function accept(
  text: string,
  file: string,
  source: WaiverFileSource,
  life: Life,
): Result<Waivers, WaiverProblem[]> {
  const { defaults = {}, registries = [] } = source;
  switch (formatOf(source)) {
    case 'trivyignore':
      return fromTrivyIgnore(text, file, { defaults: defaults as ImportDefaults, ...life });
    case 'openvex':
      return fromOpenVex(text, file, { registries, defaults: defaults as ImportDefaults, ...life });
    default:
      return readWaivers(text, { file, ...life });
  }
}

function whyWrong(source: WaiverFileSource): { key: string; message: string } | undefined {
  const format = formatOf(source);
  if (format === 'waivers' && source.defaults !== undefined) {
    return {
      key: 'defaults',
      message:
        'defaults are given for a file of waivers, allowed: for trivyignore and openvex; each waiver there says all itself',
    };
  }
  if (format === 'openvex' && source.registries === undefined) {
    return {
      key: 'registries',
      message:
        'registries is missing, allowed: hosts such as 111111111111.dkr.ecr.eu-central-1.amazonaws.com; an OpenVEX document says which images it speaks of',
    };
  }
  if (format !== 'openvex' && source.registries !== undefined) {
    return { key: 'registries', message: `registries is given for ${format}, allowed: for openvex` };
  }
  return undefined;
}
