import { join } from 'node:path';
import { mustRun } from '../../local/tools/command';
import { ensureGoProduct, type GoProduct } from '../../local/tools/go-product';

export const AUTHORITIES_SOURCES = join(__dirname, 'authorities');

const AUTHORITIES: GoProduct = {
  title: 'the authorities',
  name: 'authorities',
  sources: AUTHORITIES_SOURCES,
  files: ['authorities'],
  recipe: { environment: { GOEXPERIMENT: 'jsonv2', CGO_ENABLED: '0', GOFLAGS: '' } },
  duration: 'about three minutes',
  async build(folder, go) {
    await go(
      ['build', '-mod=readonly', '-buildvcs=false', '-trimpath', '-o', join(folder, 'authorities'), '.'],
      { GOEXPERIMENT: 'jsonv2', CGO_ENABLED: '0', GOFLAGS: '' },
    );
  },
};

/** What other people's own code answers to each question: the program in the folder `authorities`. */
export async function ask<Answer>(
  authority: 'references' | 'ignores' | 'literals',
  questions: readonly unknown[],
): Promise<Answer[]> {
  const folder = await ensureGoProduct(AUTHORITIES, line => process.stderr.write(`${line}\n`));
  const output = await mustRun(
    join(folder, 'authorities'),
    [authority],
    'see test/conformance/authorities/main.go',
    { input: questions.map(question => `${JSON.stringify(question)}\n`).join('') },
  );
  const answers = output
    .split('\n')
    .slice(0, -1)
    .map(line => JSON.parse(line) as Answer);
  if (answers.length !== questions.length) {
    throw new Error(`${answers.length} answers of ${authority} to ${questions.length} questions`);
  }
  return answers;
}
