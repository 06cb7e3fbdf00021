import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf, type Check } from './check';
import { KINDS, type Kind } from './kinds';
import { ownerOf } from './owner';
import { stacksOf, waitForRest } from './stacks';
import type { Made } from './state';
import { patienceWith } from '../local/cloud/patience';
import { stackResources } from '../local/cloud/stack-resources';

/**
 * Removes everything that bears the mark, and lists what it could not remove. First it notes what the stacks
 * made, because a stack that is gone names nothing, and some of what it made stays.
 */
export async function removeEverything(check: Check): Promise<void> {
  const { file, say } = check;
  const stacks = await waitForRest(check);
  await noteMade(
    check,
    stacks.map(({ name }) => name),
  );
  const left: string[] = [];
  // two rounds: a stack may need that another one goes first
  for (let round = 1; round <= 2; round++) {
    for (const { name } of await stacksOf(check)) {
      say(`removing the stack ${name}`);
      await emptyBuckets(check, name);
      await removeStack(check, name).catch((error: unknown) => say(messageOf(error)));
    }
  }
  left.push(...(await stacksOf(check)).map(({ name, status }) => `the stack ${name}: ${status}`));
  if (left.length === 0) {
    for (const kind of KINDS) left.push(...(await removeKind(check, kind)));
  }
  file.update({ left });
}

/** Also of a stack that is about to be changed: what it forgets may stay. */
export async function noteMade({ aws, file }: Check, stacks: readonly string[]): Promise<void> {
  const known = new Map(file.state.made.map(made => [`${made.type} ${made.id}`, made]));
  for (const StackName of stacks) {
    for (const { ResourceType, PhysicalResourceId } of await stackResources(aws, StackName)) {
      if (PhysicalResourceId === undefined || PhysicalResourceId === '') continue;
      const made: Made = { type: ResourceType!, id: PhysicalResourceId, stack: StackName };
      known.set(`${made.type} ${made.id}`, made);
    }
  }
  file.update({ made: [...known.values()] });
}

/** The CDK's own bucket has objects, and nothing that empties it. */
async function emptyBuckets(check: Check, StackName: string): Promise<void> {
  const { aws } = check;
  const resources = await stackResources(aws, StackName);
  const hasEmptier = resources.some(({ ResourceType }) => ResourceType === 'Custom::S3AutoDeleteObjects');
  const bucketKind = KINDS.find(({ type }) => type === 'AWS::S3::Bucket')!;
  const repositoryKind = KINDS.find(({ type }) => type === 'AWS::ECR::Repository')!;
  for (const { ResourceType, PhysicalResourceId: id } of resources) {
    if (id === undefined) continue;
    if (ResourceType === 'AWS::S3::Bucket' && !hasEmptier) {
      await bucketKind.empty!(check, id).catch(() => undefined);
    }
    if (ResourceType === 'AWS::ECR::Repository') {
      await repositoryKind.empty!(check, id).catch(() => undefined);
    }
  }
}

async function removeStack(check: Check, StackName: string): Promise<void> {
  const { aws, cloud } = check;
  const { anything, lookEvery } = patienceWith(cloud);
  await aws.cloudformation.deleteStack({ StackName });
  for (const end = Date.now() + anything; ; await sleep(Math.max(lookEvery, 200))) {
    const stack = (await stacksOf(check)).find(({ name }) => name === StackName);
    if (stack === undefined) return;
    if (stack.status === 'DELETE_FAILED') {
      const { StackEvents = [] } = await aws.cloudformation.describeStackEvents({ StackName });
      const why = StackEvents.find(({ ResourceStatus }) => ResourceStatus === 'DELETE_FAILED');
      throw new Error(
        `the stack ${StackName} is not deleted: ${why?.ResourceStatusReason ?? 'no reason is given'}`,
      );
    }
    if (Date.now() > end) {
      throw new Error(`the stack ${StackName} is ${stack.status} for ${anything / 60_000} minutes`);
    }
  }
}

/** What bears the mark, and what a stack of the check made and left; nothing whose owner is not certain. */
async function removeKind(check: Check, kind: Kind): Promise<string[]> {
  const { name, list, remove } = kind;
  let found: string[];
  try {
    found = await list(check);
  } catch (error) {
    return [`every ${name}: they cannot be listed, ${messageOf(error)}`];
  }
  const left: string[] = [];
  for (const id of found) {
    const owner = await ownerOf(check, kind, id);
    if (owner === 'somebody else') continue;
    if (owner !== 'the check') {
      left.push(`the ${name} ${id}: ${owner.unsure}`);
      continue;
    }
    try {
      await remove(check, id);
      check.say(`removed the ${name} ${id}`);
    } catch (error) {
      left.push(`the ${name} ${id}: ${messageOf(error)}`);
    }
  }
  return left;
}
