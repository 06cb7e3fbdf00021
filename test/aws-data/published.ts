import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AwsSchemas, Shape } from './aws-schemas';
import { EVENT_SOURCE } from '../../src/core/events/image-events';
import { EVENTS_FOLDER, fileOf } from '../docs/event-schemas';

/** What AWS publishes of its events, and what this library publishes of its own. */
export function withOwnEvents(schemas: AwsSchemas): Pick<AwsSchemas, 'detailOf'> {
  return {
    detailOf: (source, detailType) => {
      if (source !== EVENT_SOURCE) return schemas.detailOf(source, detailType);
      return shapeOf(JSON.parse(readFileSync(join(EVENTS_FOLDER, fileOf(detailType)), 'utf8')));
    },
  };
}

function shapeOf(schema: any): Shape {
  if (schema.properties !== undefined) {
    const fields = Object.entries(schema.properties).map(([name, each]) => [name, shapeOf(each)]);
    return { kind: 'object', fields: Object.fromEntries(fields) };
  }
  if (schema.type === 'array') return { kind: 'list', of: shapeOf(schema.items) };
  if (schema.type === 'integer') return { kind: 'number' };
  return /^(?:string|number|boolean)$/.test(schema.type) ? { kind: schema.type } : { kind: 'unknown' };
}
