import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { PolicyFileSchema } from '../../../src/core/policy/policy-file-schema';

export const SCHEMA_FILE = join(__dirname, '..', '..', '..', 'docs', 'trusted-images.schema.json');

/**
 * For editors: what can be said in a schema. To write it anew: `npx tsx
 * test/core/policy/policy-file-schema.ts`
 */
export function policyFileSchema(): string {
  const { $schema, ...rest } = z.toJSONSchema(PolicyFileSchema, { io: 'input', reused: 'ref' });
  const about = {
    title: 'trusted-images.yaml',
    description: 'By which rules images are judged: in the stack, and by trusted-images scan.',
  };
  return `${JSON.stringify({ $schema, ...about, ...rest }, undefined, 2)}\n`;
}

if (require.main === module) writeFileSync(SCHEMA_FILE, policyFileSchema());
