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

  test('no images, or none with a deadline, is a page too', () => {
    const page = text(fleetPage({ title: 'Images on record', images: [], at: NOW }));
    expect(page).toContain('0 images');
    expect(page).not.toContain('To be fixed');
  });
});
