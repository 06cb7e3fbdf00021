import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { EVENT_SOURCE } from '../../src/core/events/image-events';
import { DETAILS } from '../../src/core/events/our-events';

export const EVENTS_FOLDER = join(__dirname, '..', '..', 'docs', 'events');

/**
 * By the name of its file: the `detail` of each event. To write them anew: `npx tsx
 * test/docs/event-schemas.ts`
 */
export const EVENT_SCHEMAS = Object.fromEntries(
  Object.entries(DETAILS).map(([detailType, detail]) => [fileOf(detailType), schemaOf(detailType, detail)]),
);

export function fileOf(detailType: string): string {
  return `${detailType.toLowerCase().replaceAll(' ', '-')}.schema.json`;
}

/**
 * As a reader sees it: a field that it does not name may be added without a new version, so more fields are
 * allowed.
 */
function schemaOf(detailType: string, detail: z.ZodType): string {
  const { $schema, ...rest } = z.toJSONSchema(detail, { io: 'input' });
  const schema = {
    $schema,
    title: detailType,
    description: `The detail of an event with the source ${EVENT_SOURCE} and the detail-type ${detailType}.`,
    ...rest,
  };
  return `${JSON.stringify(schema, undefined, 2)}\n`;
}

if (require.main === module) {
  for (const [file, text] of Object.entries(EVENT_SCHEMAS)) writeFileSync(join(EVENTS_FOLDER, file), text);
}
