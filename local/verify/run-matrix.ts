import type { Case } from './cases';
import type { Answer, Verifier } from './verifiers';
import type { Say } from '../cloud/say';

/** The answers of one verifier about one case, by the form of the key. */
export type Answers = Readonly<Record<string, Answer>>;

export interface Row {
  readonly of: Pick<Case, 'name' | 'title' | 'truth'>;
  /** One for each verifier. */
  readonly answers: readonly Answers[];
}

export interface Matrix {
  readonly headings: readonly string[];
  readonly rows: readonly Row[];
}

/**
 * Asks every verifier about every case. If a verifier gives no answer, the run fails: a table without its
 * answer would be incomplete.
 */
export async function runMatrix(
  cases: readonly Case[],
  verifiers: readonly Verifier[],
  say: Say = () => undefined,
): Promise<Matrix> {
  const rows: Row[] = [];
  for (const each of cases) {
    const answers: Answers[] = [];
    for (const { ask } of verifiers) {
      const forms = await Promise.all(
        Object.entries(ask).map(async ([form, question]) => [form, await question(each)] as const),
      );
      answers.push(Object.fromEntries(forms));
    }
    rows.push({ of: each, answers });
    say(`asked about: ${each.title}`);
  }
  return { headings: verifiers.map(({ heading }) => heading), rows };
}
