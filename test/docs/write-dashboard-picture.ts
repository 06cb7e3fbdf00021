import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dashboardPicture } from './dashboard-picture';

const DOCS = join(__dirname, '..', '..', 'docs');

/** `npm run docs:dashboard`: draws docs/pictures/dashboard.svg from the definition of the dashboard. */
writeFileSync(join(DOCS, 'pictures', 'dashboard.svg'), dashboardPicture());
