import type { RuleEntry } from './presets';
import { plainText } from '../text/plain-text';

/**
 * The names of a policy's rules. A rule that a policy has twice is told apart by the parameters in which the
 * two differ.
 */
export function ruleTitles(rules: readonly RuleEntry[]): string[] {
  return rules.map(entry => {
    const others = rules.filter(each => each !== entry && each.rule === entry.rule);
    const { rule, action: _action, ...parameters } = entry;
    const telling = Object.entries(parameters).filter(([name, value]) =>
      others.some(other => JSON.stringify(other[name]) !== JSON.stringify(value)),
    );
    const said = telling.map(([name, value]) => `${name}: ${plainText(textOf(value), 60)}`).join('; ');
    return said === '' ? rule : `${rule} (${said})`;
  });
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(textOf).join(', ');
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.entries(value)
    .map(([name, each]) => `${name} ${textOf(each)}`)
    .join(', ');
}
