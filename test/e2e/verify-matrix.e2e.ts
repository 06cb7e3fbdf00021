import { cloud } from './cloud';
import { onlyEmulated } from './only-emulated';
import { quickstart } from './quickstart';
import { CASE_NAMES, prepareCases, type CaseName } from '../../local/verify/cases';
import { readPage, tableIn } from '../../local/verify/page';
import { ensureCosigns } from '../../local/verify/programs';
import { runMatrix, type Matrix } from '../../local/verify/run-matrix';
import { renderMatrix } from '../../local/verify/table';
import { verifiersOf } from '../../local/verify/verifiers';

onlyEmulated("the register is forged, and Trivy's databases are changed");

let matrix: Matrix;

beforeAll(async () => {
  const outputs = await quickstart();
  const programs = await ensureCosigns(line => process.stderr.write(`${line}\n`));
  const cases = await prepareCases(cloud(), outputs, CASE_NAMES);
  matrix = await runMatrix(
    CASE_NAMES.map(name => cases[name]),
    verifiersOf(cloud(), outputs.RegisterTableName, programs),
  );
});

/** Cases in which every form of the key got this wrong answer. */
function mistaken(heading: string, truth: 'trusted' | 'refused'): CaseName[] {
  const column = matrix.headings.indexOf(heading);
  return matrix.rows
    .filter(
      ({ of, answers }) =>
        of.truth === truth &&
        Object.values(answers[column]!).some(({ trusted }) => trusted !== (truth === 'trusted')),
    )
    .map(({ of }) => of.name);
}

test('docs/verify.md says what the run gave; else run npm run docs:verify', () => {
  expect(tableIn(readPage())).toBe(renderMatrix(matrix));
});

test.each([
  ['cosign 3.1.3', ['replayed', 'signedIn2020', 'revoked']],
  ['cosign 2.5.0', ['replayed', 'signedIn2020', 'revoked']],
  ['cosign 3.1.3 with `-a`', ['signedIn2020', 'revoked']],
  ['cosign 2.5.0 with `-a`', ['signedIn2020', 'revoked']],
  ['registry check', ['revoked']],
  ['register check', []],
])('%s accepts of what must not run: %j', (heading, accepted) => {
  expect(mistaken(heading, 'refused')).toEqual(accepted);
});

test('refused though trusted is nothing but the image of a platform, and by nobody who asks the register', () => {
  const refused = matrix.headings.map(heading => mistaken(heading, 'trusted'));
  expect(refused).toEqual([...Array.from({ length: matrix.headings.length - 1 }, () => ['child']), []]);
});
