import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { WaiverFile } from '../../../src/core/waivers/waiver';

export const SCHEMA_FILE = join(__dirname, '..', '..', '..', 'docs', 'waivers.schema.json');

/**
 * For editors: what a schema can express. To update it: `npx tsx test/core/waivers/schema.ts`
 */
export function waiversSchema(): string {
  const { $schema, ...rest } = z.toJSONSchema(WaiverFile, { io: 'input' });
  return `${JSON.stringify({ $schema, title: 'waivers.yaml', description: 'Findings that were accepted: by whom, why, where, and until when.', ...rest }, undefined, 2)}\n`;
}

if (require.main === module) writeFileSync(SCHEMA_FILE, waiversSchema());
