import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** By the names of the placeholders. What was not given is undefined. */
export type TemplateValues = Readonly<Record<string, string | undefined>>;

const PLACEHOLDER = /__(\w+?)__/g;
/** At the end of a line. */
const CONDITION = / # only with __(\w+?)__$/;

/** In the package, the templates are in assets/templates; run from its sources, in cli/templates. */
export function readTemplate(path: string): string {
  return readFileSync(join(__dirname, '../templates', path), 'utf8');
}

/** Replaces each `__NAME__`, and leaves out the lines `… # only with __NAME__` whose value was not given. */
export function fillTemplate(text: string, values: TemplateValues): string {
  return text
    .split('\n')
    .filter(line => {
      const [, condition] = CONDITION.exec(line) ?? [];
      return condition === undefined || valueOf(condition, values) !== undefined;
    })
    .map(line =>
      line.replace(CONDITION, '').replace(PLACEHOLDER, (_, name: string) => {
        const value = valueOf(name, values);
        if (value === undefined) {
          throw new Error(`the placeholder ${name} has no value, in a line without a condition`);
        }
        return value;
      }),
    )
    .join('\n');
}

function valueOf(name: string, values: TemplateValues): string | undefined {
  if (!Object.hasOwn(values, name)) throw new Error(`the placeholder ${name} is unknown`);
  return values[name];
}
