import { createRequire } from 'node:module';

interface Ajv {
  addSchema(schema: unknown, address: string): void;
  addMetaSchema(schema: unknown): void;
  addFormat(name: string, format: RegExp): void;
  validate(schema: unknown, document: unknown): boolean;
  errorsText(): string;
}

/** The validator that the checker of SARIF brings along: one more is not needed. */
const from = createRequire(require.resolve('@microsoft/jest-sarif'));

/** What is wrong with a document by a JSON Schema, which names others by their addresses. */
export function validator(
  schema: object,
  others: Readonly<Record<string, object>> = {},
): (document: unknown) => string | undefined {
  const Validator = from('ajv') as new (options: object) => Ajv;
  const ajv = new Validator({
    schemaId: 'auto',
    unknownFormats: 'ignore',
    validateSchema: false,
    logger: false,
  });
  ajv.addMetaSchema(from('ajv/lib/refs/json-schema-draft-04.json'));
  for (const [address, each] of Object.entries(others)) ajv.addSchema(each, address);
  return document => (ajv.validate(schema, document) ? undefined : ajv.errorsText());
}
