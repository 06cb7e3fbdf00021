import { BUILDS } from './builds';
import { DATA } from './data';
import { DEPLOYMENTS } from './deployments';
import { DOCTOR } from './doctor';
import type { Answer, Numbered, Part } from './numbered';
import { REGISTRY } from './registry';
import { imported } from './rotation';
import { messageOf, type Check } from '../check';

/** All items of "Check first on AWS" of docs/not-run-on-aws.md, in their order. */
export const NUMBERED: readonly Numbered[] = [
  ...BUILDS,
  ...DATA,
  ...DEPLOYMENTS,
  ...REGISTRY,
  ...DOCTOR,
].sort((a, b) => a.number - b.number);

/** An item that cannot be asked about ends no check: it is not checked, and says why. */
export async function runNumbered(check: Check): Promise<void> {
  const { file, say } = check;
  for (const { number, parts } of NUMBERED) {
    if (file.state.checks[number] !== undefined) continue;
    const outcomes = [];
    for (const part of parts) {
      const answer = await answerTo(part, check).catch((error: unknown): Answer => ({
        outcome: 'not checked',
        why: messageOf(error),
      }));
      outcomes.push({ what: part.what, ...answer });
      say(`${number}. ${part.what}: ${answer.outcome}`);
    }
    file.update({ checks: { ...file.state.checks, [number]: outcomes } });
  }
}

async function answerTo(part: Part, check: Check): Promise<Answer> {
  if ('cannot' in part) return { outcome: 'not checked', why: part.cannot };
  if ('run' in part) return part.run(check);
  if ('withSecondApp' in part) return answerWithSecondApp(part.withSecondApp, check);
  const outcome = check.file.state.suiteOutcomes[part.suite];
  if (outcome === undefined) {
    return {
      outcome: 'not checked',
      why: `the tests ${part.suite} were not chosen; give --suites ${part.suite}`,
    };
  }
  const { passed, failed } = outcome;
  if (failed.length > 0) {
    return { outcome: 'did not hold', why: `${failed.length} of its tests failed: ${failed[0]!.test}` };
  }
  return passed > 0
    ? { outcome: 'held', why: `${passed} tests of ${part.suite} passed` }
    : { outcome: 'not checked', why: `no test of ${part.suite} ran` };
}

async function answerWithSecondApp(ask: (check: Check) => Promise<Answer>, check: Check): Promise<Answer> {
  const { secondApp } = check.file.state;
  if (secondApp === undefined) {
    return { outcome: 'not checked', why: 'the second app was not chosen; give --second-app' };
  }
  return secondApp.failed === undefined || ask === imported
    ? ask(check)
    : { outcome: 'not checked', why: 'the second app was not deployed, see number 34' };
}
