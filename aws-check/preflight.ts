import { RepositoryNotFoundException } from '@aws-sdk/client-ecr';
import { NotFoundException } from '@aws-sdk/client-kms';
import type { Check } from './check';
import { QUICKSTART_KEY, QUICKSTART_REPOSITORY, STACKS_OF_TESTS } from './names';
import { stackNamed, stacksOf, waitForRest } from './stacks';

/**
 * The quickstart has fixed names. What bears one of them and is not of this check belongs to somebody: the
 * check does not touch it, and cannot run.
 */
export async function preflight(check: Check): Promise<void> {
  await waitForRest(check);
  const { aws } = check;
  const ours = (await stacksOf(check)).map(({ name }) => name);
  const names: string[] = [];
  // each is asked for by its name: a list has pages
  for (const name of STACKS_OF_TESTS.filter(each => !ours.includes(each))) {
    if ((await stackNamed(aws, name)) !== undefined) names.push(`the stack ${name}`);
  }
  if (ours.length === 0) {
    const repositories = aws.ecr.describeRepositories({ repositoryNames: [QUICKSTART_REPOSITORY] });
    if (await isThere(repositories, RepositoryNotFoundException)) {
      names.push(`the repository ${QUICKSTART_REPOSITORY}`);
    }
    const key = aws.kms.describeKey({ KeyId: QUICKSTART_KEY });
    if (await isThere(key, NotFoundException)) names.push(`the key ${QUICKSTART_KEY}`);
  }
  if (names.length > 0) {
    throw new Error(
      `the account has ${names.join(', ')} already, which the check would have to make: use another account or --region`,
    );
  }
}

/** Whatever else goes wrong does not say that a name is free. */
async function isThere(asked: Promise<unknown>, missing: new (...args: never[]) => Error): Promise<boolean> {
  try {
    await asked;
    return true;
  } catch (error) {
    if (error instanceof missing) return false;
    throw error;
  }
}
