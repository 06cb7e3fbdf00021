import type { Check } from './check';
import { QUICKSTART_KEY, QUICKSTART_REPOSITORY, STACKS_OF_TESTS } from './names';
import { stacksOf, waitForRest } from './stacks';

/**
 * The quickstart has fixed names. What bears one of them and is not of this check belongs to somebody: the
 * check does not touch it, and cannot run.
 */
export async function preflight(check: Check): Promise<void> {
  await waitForRest(check);
  const { aws } = check;
  const ours = (await stacksOf(check)).map(({ name }) => name);
  const { Stacks = [] } = await aws.cloudformation.describeStacks({});
  const taken = Stacks.map(({ StackName }) => StackName!).filter(
    name => STACKS_OF_TESTS.includes(name) && !ours.includes(name),
  );
  const isDeployed = ours.length > 0;
  const { repositories = [] } = await aws.ecr.describeRepositories({});
  const { Aliases = [] } = await aws.kms.listAliases({});
  const names = [
    ...taken.map(name => `the stack ${name}`),
    ...(isDeployed ? [] : repositories.map(({ repositoryName }) => repositoryName!))
      .filter(name => name === QUICKSTART_REPOSITORY)
      .map(name => `the repository ${name}`),
    ...(isDeployed ? [] : Aliases.map(({ AliasName }) => AliasName!))
      .filter(name => name === QUICKSTART_KEY)
      .map(name => `the key ${name}`),
  ];
  if (names.length > 0) {
    throw new Error(
      `the account has ${names.join(', ')} already, which the check would have to make: use another account or --region`,
    );
  }
}
