import { join } from 'node:path';
import { loadESLint } from 'eslint';

const root = join(__dirname, '..');

interface Message {
  readonly ruleId: string | null;
  readonly message: string;
}
interface Linter {
  lintText(text: string, options: { filePath: string }): Promise<{ messages: Message[] }[]>;
}

/** The project's own rules, on a text that is in no file: what they say about its imports. */
async function arrowsIn(file: string, text: string): Promise<string[]> {
  const [result] = await (await linter).lintText(text, { filePath: join(root, file) });
  return result!.messages
    .filter(({ ruleId }) => ruleId === null || ruleId.startsWith('boundaries/'))
    .map(({ message }) => message);
}

const linter: Promise<Linter> = loadESLint({ useFlatConfig: false }).then(Eslint => {
  return new (Eslint as unknown as new (options: object) => Linter)({ cwd: root });
});

test.each([
  ['core knows no CDK', 'src/core/broken.ts', "import { Stack } from 'aws-cdk-lib';"],
  [
    'core knows no CDK, by its types either',
    'src/core/broken.ts',
    "import type { IKey } from 'aws-cdk-lib/aws-kms';",
  ],
  ['core does no I/O', 'src/core/policy/broken.ts', "import { readFileSync } from 'node:fs';"],
  ['core knows no AWS', 'src/core/policy/broken.ts', "import { SQSClient } from '@aws-sdk/client-sqs';"],
  ['core stands on nothing', 'src/core/broken.ts', "import { WorkQueue } from '../queues/work-queue';"],
  [
    'constructs do not run',
    'src/scanning/broken.ts',
    "import { dispatchScan } from '../../use-cases/scanning/dispatch-scan';",
  ],
  [
    'constructs do not run, by a re-export either',
    'src/scanning/broken.ts',
    "export * from '../../adapters/aws/sqs-queue';",
  ],
  [
    'constructs know no AWS but by CDK',
    'src/scanning/broken.ts',
    "import { SQSClient } from '@aws-sdk/client-sqs';",
  ],
  [
    'rooms do not lean on ImageTrust',
    'src/scanning/broken.ts',
    "import { ImageTrust } from '../image-trust';",
  ],
  ['rooms do not lean on the barrel', 'src/scanning/broken.ts', "import { ImageTrust } from '../index';"],
  ['the barrel exports no core', 'src/index.ts', "export * from './core/evidence/verdict';"],
  [
    'a use case knows no entry point',
    'use-cases/scanning/broken.ts',
    "import { handler } from '../../lambda/scanning/reconcile.lambda';",
  ],
  [
    'a handler knows AWS by its adapters',
    'lambda/scanning/broken.ts',
    "import { SQSClient } from '@aws-sdk/client-sqs';",
  ],
  [
    'a handler knows no construct',
    'lambda/scanning/broken.ts',
    "import { WorkQueue } from '../../src/queues/work-queue';",
  ],
  ['a handler knows no CDK', 'lambda/scanning/broken.ts', "import { Duration } from 'aws-cdk-lib';"],
  [
    'an adapter knows no use case',
    'adapters/aws/broken.ts',
    "import { lookAtTrust } from '../../use-cases/trust/look-at-trust';",
  ],
  [
    'use cases form no circle',
    'use-cases/policy/broken.ts',
    "import { evaluateStored } from '../evaluation/evaluate-stored';",
  ],
  ['core forms no circle', 'src/core/scanning/broken.ts', "import { RegisterRow } from '../register/row';"],
  [
    'constructs form no circle',
    'src/evidence/broken.ts',
    "import { ImageSigner } from '../trust/image-signer';",
  ],
  ['the command line forms no circle', 'cli/shell/broken.ts', "import { answer } from '../stack/answer';"],
  [
    'what is deployed knows no command line',
    'use-cases/image-scan/broken.ts',
    "import { Output } from '../../cli/shell/output';",
  ],
  [
    'what is published knows no test',
    'src/scanning/broken.ts',
    "import { newStack } from '../../test/support/synthesise';",
  ],
  [
    'what is published knows no embedded cloud',
    'lambda/scanning/broken.ts',
    "import { Layer } from '../../local/images/layer';",
  ],
])('%s: %s with %j is one clear line', async (_what, file, statement) => {
  expect(await arrowsIn(file, `${statement}\n`)).toEqual([
    expect.stringMatching(/^(?:There is no policy allowing|Dependenc(?:y|ies) )[^\n]+$/),
  ]);
});

test.each([
  ['src/core/good.ts', "import * as z from 'zod';\nimport { ok } from './result';"],
  [
    'src/scanning/good.ts',
    "import { Duration } from 'aws-cdk-lib';\nimport { Limit } from '../core/limits';\nimport { WorkQueue } from '../queues/work-queue';",
  ],
  ['src/image-good.ts', "import { ImageScanner } from './scanning/image-scanner';"],
  [
    'lambda/scanning/good.ts',
    "import { ulid } from 'ulid';\nimport { SqsQueue } from '../../adapters/aws/sqs-queue';\nimport { dispatchScan } from '../../use-cases/scanning/dispatch-scan';\nimport { Limit } from '../../src/core/limits';",
  ],
  [
    'adapters/aws/good.ts',
    "import { createHash } from 'node:crypto';\nimport { SQSClient } from '@aws-sdk/client-sqs';\nimport { Limit } from '../../src/core/limits';",
  ],
])('%s: an arrow that points down is none', async (file, text) => {
  expect(await arrowsIn(file, `${text}\n`)).toEqual([]);
});

test('a file in no room is refused', async () => {
  expect(await arrowsIn('nowhere/broken.ts', 'export const nowhere = 1;\n')).toHaveLength(1);
});
