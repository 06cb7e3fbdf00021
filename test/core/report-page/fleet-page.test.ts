import { fleet } from './content';
import { fleetPage } from '../../../src/core/report-page/fleet-page';
import { NOW } from '../support/made';

const text = (html: string) => html.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');

describe('the page of all images', () => {
  test('counts verdicts, and names what is overdue before what is ahead', () => {
    const page = text(fleetPage(fleet()));
    expect(page).toContain('5 images');
    expect(page).toContain('FAIL refused by policy 1 ');
    expect(page).toContain('EXPIRED passed, and was not scanned or judged again in time 1 ');
    expect(page).toContain('1 overdue, 1 ahead.');
    expect(page).toMatch(
      /111111111111\.eu-west-1\/team\/app:v1 , overdue since 2026-11-24 02:00 UTC : CRITICAL CVE-1[^]*by 2026-12-01 00:00 UTC : HIGH CVE-2/,
    );
  });

  test('says how many images are on an outdated base image, and what their findings come from', () => {
    const { images, ...rest } = fleet();
    const base = { title: 'base/java:17.0.1', findings: 4, own: 2 };
    const page = text(fleetPage({ ...rest, images: [...images, { ...images[0]!, base }] }));
    expect(page).toContain(
      "2 images are on an outdated base image , of 3 whose base image is known. 9 findings come from base images, 3 are the images' own.",
    );
    expect(page).toContain('base/node:20.11 : 1 image, 2 findings. A newer one passes: base/node:20.12');
    expect(page).not.toContain('base/java:17.0.1 : ');
  });

  test('says which images the brake holds, and until when gates admit them', () => {
    const { images, ...rest } = fleet();
    const refused = images.find(({ outcome }) => outcome === 'FAIL')!;
    const held = { ...refused, revoked: false, heldUntil: '2026-11-26T01:00:00.000Z' };
    const page = text(fleetPage({ ...rest, images: [...images, held] }));
    expect(page).toContain(
      'The brake holds the revocation of 1 image: gates admit what fails, the last one until 2026-11-26 01:00 UTC.',
    );
    expect(page).toContain('held by the brake: admitted until 2026-11-26 01:00 UTC');
    expect(text(fleetPage(fleet()))).not.toContain('brake');
  });

  test('no images, or none with a deadline, is a page too', () => {
    const page = text(fleetPage({ title: 'Images on record', images: [], at: NOW }));
    expect(page).toContain('0 images');
    expect(page).not.toContain('To be fixed');
    expect(page).not.toContain('Base images');
  });
});
