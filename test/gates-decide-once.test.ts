import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '..');
const files = ['src', 'use-cases', 'lambda', 'adapters'].flatMap(folder =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.ts'))
    .map(file => join(folder, file)),
);
const texts = files.map(file => [file, readFileSync(join(ROOT, file), 'utf8')] as const);

/** What every gate does, and who does it (0048). */
test.each([
  [
    'looks at the trust',
    /\blookAtTrust\(/,
    [
      'use-cases/gates/look-at-image.ts',
      'use-cases/gates/request-trust.ts', // whether a scan is to be requested
      'use-cases/running/watch-run.ts', // what runs already
      'use-cases/trust/look-at-trust.ts',
    ],
  ],
  ['weighs grants', /\bfindGrant\(/, ['use-cases/gates/look-at-image.ts', 'use-cases/trust/lift-refusal.ts']],
  [
    'records the use of a grant',
    /\brecordUse\((?!use: )/,
    ['use-cases/gates/decide-images.ts', 'use-cases/trust/lift-refusal.ts'],
  ],
  ['lets an audit or a rollback pass', /anyway: '/, ['src/core/gates/next-step.ts']],
  [
    'asks whether a gate audits',
    /=== 'AUDIT'/,
    [
      'src/core/gates/gate-rules.ts', // how long it waits
      'src/core/gates/next-step.ts',
      'src/core/gates/rollback.ts', // which image a rollback names
      'src/gates/cloudformation-gate.ts', // what CloudFormation does with a failure
      'src/gates/rely-on-policy.ts', // a policy that only reports beside it is a warning
      'use-cases/gates/await-trust.ts', // what the message says of a rollback
    ],
  ],
  ['says which refusals may end', /case 'NO_STATEMENT':/, ['src/core/gates/may-end.ts']],
  ['writes the alert', /\bgateAlert\(/, ['src/core/gates/gate-alert.ts', 'use-cases/gates/tell-decision.ts']],
])('nobody else %s', (_, code, expected) => {
  expect(texts.flatMap(([file, text]) => (code.test(text) ? [file] : [])).sort()).toEqual(expected);
});
