/**
 * The images or stages that a `--mount` takes its files from; `undefined` if no builder reads it. BuildKit
 * takes the value for a line of CSV, in which a field may stand in quotes.
 * @see https://docs.docker.com/reference/dockerfile/#run---mount
 */
export function sourcesOfMount(value: string): string[] | undefined {
  const fields = csvFields(value);
  return fields?.filter(field => /^from=/i.test(field)).map(field => field.slice('from='.length));
}

const FIELD = /(?:"((?:[^"]|"")*)"|([^",]*))(,|$)/y;

function csvFields(line: string): string[] | undefined {
  const fields: string[] = [];
  if (line === '') return undefined;
  for (FIELD.lastIndex = 0; ;) {
    const found = FIELD.exec(line);
    if (found === null) return undefined;
    const [, quoted, plain, end] = found;
    fields.push(quoted?.replaceAll('""', '"') ?? plain!);
    if (end === '') return fields;
  }
}
