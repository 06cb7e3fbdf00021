import type { WaiverFileSource } from './policy-file-schema';

export type WaiverFormat = 'waivers' | 'trivyignore' | 'openvex';

/** The format of a file of waivers: the one that is given, or the one that its name shows. */
export function formatOf({ file, format }: Pick<WaiverFileSource, 'file' | 'format'>): WaiverFormat {
  if (format !== undefined) return format;
  if (/(?:^|\/)\.trivyignore(?:\.ya?ml)?$/.test(file)) return 'trivyignore';
  return file.endsWith('.json') ? 'openvex' : 'waivers';
}
