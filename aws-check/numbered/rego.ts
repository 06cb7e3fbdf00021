import { didNotHold, held, leftOutHere, notChecked, type Answer } from './numbered';
import { secondRow } from './second-images';
import type { Check } from '../check';
import { secondNames } from '../second-app/names';
import { resourceOf } from '../stacks';

/** One image is let through by the rule in Rego, and one is refused by it. */
export async function regoDecides(check: Check): Promise<Answer> {
  const [good, bad] = await Promise.all([secondRow(check, 'good'), secondRow(check, 'bad')]);
  const outcomes = { good: good.verdict?.outcome, bad: bad.verdict?.outcome };
  const count = bad.verdict?.violationCount ?? 0; // the policy has no other rule
  return outcomes.good === 'PASS' && outcomes.bad === 'FAIL' && count > 0
    ? held(`the evaluator found the engine: ${count} violation(s) by Rego`, outcomes)
    : didNotHold(
        `the verdicts are ${JSON.stringify(outcomes)}, and there are ${count} violation(s)`,
        outcomes,
      );
}

/** What AWS Lambda writes after each call. The longest is the first one, in which the engine is compiled. */
export async function regoTimes(check: Check): Promise<Answer> {
  const { aws, cloud } = check;
  const { platform } = secondNames(cloud.mark.id);
  const FunctionName = await resourceOf(check, 'AWS::Lambda::Function', 'TrustEvaluator', platform);
  const { LoggingConfig } = await aws.lambda.getFunctionConfiguration({ FunctionName });
  const logGroupName = LoggingConfig?.LogGroup ?? `/aws/lambda/${FunctionName}`;
  if (cloud.endpoint !== undefined) {
    return leftOutHere(check, 'the times of the evaluator, because Lambda reports none there');
  }
  const { events = [] } = await aws.logs.filterLogEvents({
    logGroupName,
    filterPattern: '"Billed Duration"',
  });
  const reports = events.map(({ message = '' }) => message.trim()).slice(0, 10);
  return reports.length === 0
    ? notChecked(`${logGroupName} has no report of a call yet`)
    : held(`${reports.length} call(s), with their times and their memory`, reports);
}
