import { didNotHold, held, type Answer } from './numbered';
import { messageOf, type Check } from '../check';
import { deploySecondApp, NEXT_KEY, pushSecond } from '../second-app/deploy';
import { secondNames } from '../second-app/names';
import { stackNamed } from '../stacks';

/**
 * The stack of the team is there only if it read the outputs, and an image was admitted by what they name.
 */
export async function imported(check: Check): Promise<Answer> {
  const { failed } = check.file.state.secondApp!;
  if (failed !== undefined) return didNotHold(`the second app was not deployed: ${failed}`);
  const { team } = secondNames(check.cloud.mark.id);
  const stack = await stackNamed(check.aws, team);
  return stack?.StackStatus === 'CREATE_COMPLETE' || stack?.StackStatus === 'UPDATE_COMPLETE'
    ? held('a team knew the name of a stack only, and deployed an image that its trust admits')
    : didNotHold(`the stack ${team} is ${stack?.StackStatus ?? 'not there'}`);
}

/**
 * The platform replaces its key. The team, whom nobody tells, then deploys an image that only the next key
 * has signed: CloudFormation has to read the outputs again.
 */
export async function rotated(check: Check): Promise<Answer> {
  const { cloud, file } = check;
  const { platform, team } = secondNames(cloud.mark.id);
  const { formerKey } = file.state.secondApp!;
  try {
    await deploySecondApp(check, platform, { year: NEXT_KEY, formerKey });
    await pushSecond(check, 'later');
    await deploySecondApp(check, team, { tag: 'later' });
    return held('the team deployed what the next key signed, without a change of its app');
  } catch (error) {
    return didNotHold(messageOf(error));
  }
}
