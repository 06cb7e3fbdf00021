import { messageOf, type Check } from './check';
import type { Kind } from './kinds';
import { stackNamed } from './stacks';
import type { Made } from './state';
import { MARK_TAG } from '../local/cloud/description';

/** Ends what CloudFormation draws a name by, where it does not begin with the name of the stack. */
const DRAWN = /-[0-9A-Za-z]{12,}$/;

export type Owner = 'the check' | 'somebody else' | { readonly unsure: string };

/**
 * Whose a thing is that the account has. A name that an app fixes says nothing: since a stack of the check
 * made it, somebody else may have made it again. So the mark decides, in the name or in the tag.
 */
export async function ownerOf(check: Check, kind: Kind, id: string): Promise<Owner> {
  const { cloud, file } = check;
  if (id.includes(cloud.mark.id)) return 'the check';
  const made =
    file.state.made.find(each => each.type === kind.type && each.id === id) ??
    loggerOf(kind.type, id, file.state.made);
  if (made === undefined) return 'somebody else';
  const mark = `${MARK_TAG}=${cloud.mark.id}`;
  try {
    const tags = await kind.tags(check, id);
    if (tags[MARK_TAG] === cloud.mark.id) return 'the check';
    // a service makes a log group again without tags, and the embedded cloud forgets tags of some kinds
    const isUntagged = kind.type === 'AWS::Logs::LogGroup' || cloud.endpoint !== undefined;
    if (isUntagged && (await wasDrawn(check, made))) return 'the check';
  } catch (error) {
    return { unsure: `its tag ${mark} cannot be read, ${messageOf(error)}` };
  }
  return {
    unsure: `it has not the tag ${mark}, so it may be somebody else's: remove it by hand, or the state file if it is to stay`,
  };
}

/** Lambda and CodeBuild make a group for whatever writes a line, and nobody removes it. */
function loggerOf(type: string, id: string, made: readonly Made[]): Made | undefined {
  if (type !== 'AWS::Logs::LogGroup') return undefined;
  return made.find(
    each =>
      (each.type === 'AWS::Lambda::Function' && id === `/aws/lambda/${each.id}`) ||
      (each.type === 'AWS::CodeBuild::Project' && id === `/aws/codebuild/${each.id}`),
  );
}

/**
 * CloudFormation drew the name for a stack of the check, and draws it once. The stacks of the check are gone
 * by now: one of that name is somebody else's.
 */
async function wasDrawn({ aws }: Check, { id, stack }: Made): Promise<boolean> {
  if (stack === undefined) return false;
  const name = id.split(/[/:]/).at(-1)!;
  const isDrawn = DRAWN.test(name) || name.toLowerCase().startsWith(`${stack.toLowerCase()}-`);
  return isDrawn && (await stackNamed(aws, stack)) === undefined;
}
