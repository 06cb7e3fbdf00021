import type { EvaluateContext } from './evaluate-ports';
import { knownBase } from '../../src/core/bases/known-bases';
import type { Verdict } from '../../src/core/evidence/verdict';
import { isEnrolledByName } from '../../src/core/image/enrolment';
import { imageName, imageOf, otherAccount, sibling } from '../../src/core/image/image';
import type { RegisterRow } from '../../src/core/register/row';
import type { TrivyReport } from '../../src/core/scanning/trivy-report';
import { errorText } from '../../src/core/text/error-text';

/**
 * Remembers the layers of an image of a base repository, so that images that are built on it are found. No
 * verdict depends on it: why it failed is returned, not thrown.
 */
export async function rememberBase(
  { tags = [], parents: [index] = [] }: RegisterRow,
  verdict: Verdict,
  report: TrivyReport,
  { bases, register, home }: Pick<EvaluateContext, 'bases' | 'register' | 'home'>,
): Promise<string | undefined> {
  const image = imageOf(verdict.image);
  const isBase =
    bases !== undefined && isEnrolledByName(bases.repositories, image.repository, otherAccount(image, home));
  if (!isBase) return undefined;
  try {
    const its = index === undefined ? [] : (await register.load(imageName(sibling(image, index)))).tags;
    const base = knownBase(verdict, report, { tags: [...new Set([...tags, ...(its ?? [])])], index });
    if (base !== undefined) await bases.remember(base);
    return undefined;
  } catch (error) {
    return `its layers were not remembered as those of a base image: ${errorText(error)}`;
  }
}
