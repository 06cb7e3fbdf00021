import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dashboardPicture } from './dashboard-picture';
import { ROOT } from './markdown';

test('the picture of the dashboard is what its definition gives; else run npm run docs:dashboard', () => {
  expect(readFileSync(join(ROOT, 'docs', 'pictures', 'dashboard.svg'), 'utf8')).toBe(dashboardPicture());
});
