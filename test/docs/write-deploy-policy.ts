import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deployPolicy } from './deploy-policy';
import { ensureTemplateCheckers } from '../../local/tools/template-checkers';
import { quickstartTemplates } from '../support/quickstart';

/** `npm run docs:deploy-policy`: writes docs/deploy-policy.json. */
async function main(): Promise<void> {
  const checkers = await ensureTemplateCheckers(line => process.stderr.write(`${line}\n`));
  const { document } = await deployPolicy(Object.values(quickstartTemplates()), checkers);
  const file = join(__dirname, '..', '..', 'docs', 'deploy-policy.json');
  writeFileSync(file, `${JSON.stringify(document, undefined, 2)}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
