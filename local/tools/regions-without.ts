import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureTemplateCheckers } from './template-checkers';

/** The types without which a part of this library does not work in a region, and what that part needs. */
export const NEEDED = {
  codeBuild: 'AWS::CodeBuild::Project',
  functionUrls: 'AWS::Lambda::Url',
  lambdaHooks: 'AWS::CloudFormation::LambdaHook',
} as const;

const FILE = join(__dirname, '../../src/core/regions-without.ts');

/** By the schemas of CloudFormation that cfn-lint brings along. */
export async function regionsWithout(): Promise<Record<string, readonly string[]>> {
  const { typesLackingIn } = await ensureTemplateCheckers(line => process.stderr.write(`${line}\n`));
  const lacking = Object.entries(await typesLackingIn(Object.values(NEEDED)));
  return Object.fromEntries(
    Object.entries(NEEDED).map(([name, type]) => [
      name,
      lacking.flatMap(([region, types]) => (types.includes(type) ? [region] : [])).sort(),
    ]),
  );
}

function textOf(without: Record<string, readonly string[]>, asOf: string): string {
  const lists = Object.entries(NEEDED).map(
    ([name, type]) =>
      `  /** \`${type}\` */\n  ${name}: [${without[name]!.map(region => `'${region}'`).join(', ')}],\n`,
  );
  return [
    "/*\n * Written by `npx tsx local/tools/regions-without.ts` and `npm run format`, from AWS's schemas.\n",
    ' * A type that is not in them may be there all the same: they are late for new regions.\n */\n\n',
    `export const REGIONS_AS_OF = '${asOf}';\n\n`,
    `/** Regions without a type of CloudFormation. */\nexport const REGIONS_WITHOUT = {\n${lists.join('')}} as const;\n`,
  ].join('');
}

if (require.main === module) {
  void regionsWithout().then(lists =>
    writeFileSync(FILE, textOf(lists, new Date().toISOString().slice(0, 10))),
  );
}
