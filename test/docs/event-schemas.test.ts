import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { EVENT_SCHEMAS, EVENTS_FOLDER, fileOf } from './event-schemas';
import { blocksOf, page } from './markdown';
import { BrakeDetailType } from '../../src/core/events/brake-events';
import { GrantDetailType } from '../../src/core/events/grant-events';
import { HoldDetailType } from '../../src/core/events/hold-events';
import { DetailType, EVENT_SOURCE, type ImageEvent } from '../../src/core/events/image-events';
import { readEvent } from '../../src/core/events/our-events';
import { RevocationDetailType } from '../../src/core/events/revocation-events';
import { WaiverDetailType } from '../../src/core/events/waiver-events';
import { imageName, type Image } from '../../src/core/image/image';

const committed = (file: string) => readFileSync(join(EVENTS_FOLDER, file), 'utf8');

test.each(Object.entries(EVENT_SCHEMAS))(
  '%s is what the handlers parse with; else run npx tsx test/docs/event-schemas.ts',
  (file, text) => {
    expect(committed(file)).toBe(text);
  },
);

describe('the examples', () => {
  const examples = blocksOf({ file: 'docs/events/README.md', text: page('docs/events/README.md') })
    .filter(({ language }) => language === 'json')
    .map(({ code }) => JSON.parse(code) as { 'detail-type': string; detail: ImageEvent['detail'] });
  const images: readonly string[] = [
    ...Object.values(DetailType),
    ...Object.values(RevocationDetailType),
    HoldDetailType.ended,
  ];
  const isAboutAnImage = (example: { 'detail-type': string }) => images.includes(example['detail-type']);

  test('are one of each type', () => {
    expect(examples.map(example => example['detail-type'])).toEqual([
      ...Object.values(DetailType),
      ...Object.values(RevocationDetailType),
      ...Object.values(WaiverDetailType),
      ...Object.values(GrantDetailType),
      ...Object.values(BrakeDetailType),
      HoldDetailType.ended,
    ]);
  });

  test.each(examples)(
    '$detail-type is one that the handlers read',
    ({ 'detail-type': detailType, detail }) => {
      const body = { source: EVENT_SOURCE, 'detail-type': detailType, detail };
      expect(readEvent(body)).toMatchObject({ ok: true, value: { detailType } });
    },
  );

  test.each(examples)('$detail-type agrees with its schema', ({ 'detail-type': detailType, detail }) => {
    const schema = z.fromJSONSchema(
      JSON.parse(committed(fileOf(detailType))) as Parameters<typeof z.fromJSONSchema>[0],
    );
    expect(schema.safeParse(detail)).toMatchObject({ success: true });
  });

  test.each(examples.filter(isAboutAnImage))('$detail-type names one and the same image', ({ detail }) => {
    expect(imageName(detail satisfies Image)).toBe(detail.image);
  });
});
