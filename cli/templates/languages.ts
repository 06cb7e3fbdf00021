import { go } from './go';
import { java } from './java';
import { node } from './node';
import { python } from './python';
import type { Template } from './template';

export const TEMPLATES = { node, python, go, java } as const satisfies Record<string, Template>;

export function isLanguage(name: string): name is keyof typeof TEMPLATES {
  return Object.hasOwn(TEMPLATES, name);
}
