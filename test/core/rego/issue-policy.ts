import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A policy as users have it: Rego v0, an import that leads nowhere, no line of it made for us. */
export const ISSUE_POLICY = readFileSync(join(__dirname, '../../e2e/apps/rego/guide.rego'), 'utf8');
