import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { EVENT_SCHEMAS, EVENTS_FOLDER } from './event-schemas';
import { blocksOf, page } from './markdown';
import { BrakeDetailType, readBrakeEvent } from '../../src/core/events/brake-events';
import { HoldDetailType, readHoldEnded } from '../../src/core/events/hold-events';
import { DetailType, type ImageEvent } from '../../src/core/events/image-events';
import { readImageEvent, readWaiverEvent } from '../../src/core/events/read-event';
import { RevocationDetailType } from '../../src/core/events/revocation-events';
import { WaiverDetailType } from '../../src/core/events/waiver-events';
import { imageName, type Image } from '../../src/core/image/image';
import { GrantDetailType, readGrantEvent } from '../../src/core/trust/grant-events';

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
  const aboutWaivers: readonly string[] = Object.values(WaiverDetailType);
  const aboutGrants: readonly string[] = Object.values(GrantDetailType);
  const aboutTheBrake: readonly string[] = [...Object.values(BrakeDetailType), HoldDetailType.ended];
  /** No handler of ours takes these: they are for others. */
  const afterRevocations: readonly string[] = Object.values(RevocationDetailType);
  const isAboutAnImage = (example: { 'detail-type': string }) =>
    ![...aboutWaivers, ...aboutGrants, ...aboutTheBrake].includes(example['detail-type']);
  const isTaken = (example: { 'detail-type': string }) => !afterRevocations.includes(example['detail-type']);

  test('are one of each type', () => {
    expect(examples.map(example => example['detail-type'])).toEqual([
      ...Object.values(DetailType),
      ...afterRevocations,
      ...aboutWaivers,
      ...aboutGrants,
      ...aboutTheBrake,
    ]);
  });

  test.each(examples.filter(isTaken))('$detail-type is one that the handlers take', example => {
    expect(
      isAboutAnImage(example)
        ? readImageEvent(example).ok
        : (readWaiverEvent(example) ??
            readGrantEvent(example) ??
            readBrakeEvent(example) ??
            readHoldEnded(example)) !== undefined,
    ).toBe(true);
  });

  test.each(examples)('$detail-type agrees with its schema', ({ 'detail-type': detailType, detail }) => {
    const file = `${detailType.toLowerCase().replaceAll(' ', '-')}.schema.json`;
    const schema = z.fromJSONSchema(JSON.parse(committed(file)) as Parameters<typeof z.fromJSONSchema>[0]);
    expect(schema.safeParse(detail)).toMatchObject({ success: true });
  });

  test.each(examples.filter(isAboutAnImage))('$detail-type names one and the same image', ({ detail }) => {
    expect(imageName(detail satisfies Image)).toBe(detail.image);
  });
});
