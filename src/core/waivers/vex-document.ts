import * as z from 'zod';
import { WaiverLimit } from './waiver';
import { failed, ok, type Result } from '../result';
import { parseJson } from '../text/json';
import { plainText } from '../text/plain-text';
import { given, inOrder, lowerFirst, type WaiverProblem } from '../text/problem';
import { readYaml, type TextDocument } from '../text/yaml-document';

/*
 * OpenVEX 0.2.0. Objects are strict: a key that is not named here could narrow a statement, and a statement
 * that is read wider than it was made would waive what was not assessed.
 */

const text = z.string().min(1).optional();
const time = z.iso.datetime({ offset: true });

const Component = {
  '@id': text,
  identifiers: z.strictObject({ purl: text, cpe22: text, cpe23: text }).optional(),
  hashes: z.record(z.string(), z.string()).optional(),
  supplier: text,
};
export const VexComponent = z.strictObject(Component);
export const VexProduct = z.strictObject({ ...Component, subcomponents: z.array(VexComponent).optional() });
export type VexProduct = z.infer<typeof VexProduct>;

/** @see https://www.cisa.gov/sites/default/files/publications/VEX_Status_Justification_Jun22.pdf */
const Justification = z.enum([
  'component_not_present',
  'vulnerable_code_not_present',
  'vulnerable_code_not_in_execute_path',
  'vulnerable_code_cannot_be_controlled_by_adversary',
  'inline_mitigations_already_exist',
]);

const VexStatement = z
  .strictObject({
    '@id': text,
    version: z.number().optional(),
    vulnerability: z.strictObject({
      '@id': text,
      name: z.string().min(1),
      description: text,
      aliases: z.array(z.string().min(1)).optional(),
    }),
    timestamp: time.optional(),
    last_updated: time.optional(),
    products: z.array(VexProduct).min(1),
    status: z.enum(['not_affected', 'affected', 'fixed', 'under_investigation']),
    supplier: text,
    status_notes: text,
    justification: Justification.optional(),
    impact_statement: text,
    action_statement: text,
    action_statement_timestamp: time.optional(),
  })
  .refine(({ status, justification }) => status !== 'not_affected' || justification !== undefined, {
    path: ['status'],
    error: `not_affected without a justification, allowed: one of ${Justification.options.join(', ')}`,
  })
  .refine(({ status, justification }) => status === 'not_affected' || justification === undefined, {
    path: ['justification'],
    error: 'a justification with another status than not_affected; remove one of them',
  });
export type VexStatement = z.infer<typeof VexStatement>;

const VexDocument = z.strictObject({
  '@context': z.literal('https://openvex.dev/ns/v0.2.0', {
    error: 'not OpenVEX 0.2.0, allowed: https://openvex.dev/ns/v0.2.0',
  }),
  '@id': z.string().min(1),
  author: z.string().min(1),
  role: text,
  timestamp: time,
  last_updated: time.optional(),
  version: z.union([z.number(), z.string()]),
  tooling: text,
  supplier: text,
  statements: z.array(VexStatement).min(1),
});
export type VexDocument = z.infer<typeof VexDocument>;

/**
 * A document with the positions of its parts. JSON is read as YAML for that, except for tabs, which in JSON
 * can only be between values.
 */
export function readVex(
  source: string,
  file: string,
): Result<{ document: VexDocument; at: TextDocument['at'] }, WaiverProblem[]> {
  const json = source.replace(/^\ufeff/, '');
  const placed = readYaml(json.replaceAll('\t', ' '), file, WaiverLimit.bytes);
  if (!placed.ok) return placed;
  const { at } = placed.value;
  const value = parseJson(json);
  if (value === undefined) {
    return failed([{ file, line: 1, column: 1, message: 'not JSON, allowed: an OpenVEX document as JSON' }]);
  }
  const parsed = VexDocument.safeParse(value);
  if (parsed.success) return ok({ document: parsed.data, at });
  return failed(
    inOrder(
      parsed.error.issues.flatMap(issue => {
        const where = plainText(issue.path.join('.'), 200) || 'the document';
        if (issue.code !== 'unrecognized_keys') {
          return [{ file, ...at(issue.path), message: `${where}: ${lowerFirst(issue.message)}` }];
        }
        return issue.keys.map(key => ({
          file,
          ...at([...issue.path, key]),
          message: `${where}: ${given(key)} is not a key of OpenVEX 0.2.0; remove it`,
        }));
      }),
    ),
  );
}
