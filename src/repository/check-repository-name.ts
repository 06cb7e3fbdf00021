import { Token } from 'aws-cdk-lib';
import { ECR_REPOSITORY_NAME, withoutHost } from '../core/image/repository-name';

/** Throws for a name that no repository of Amazon ECR can have. A token is accepted. @internal */
export function checkRepositoryName(name: string): void {
  const what = `the repository name ${JSON.stringify(name)}`;
  refuseHost(what, name);
  if (Token.isUnresolved(name) || ECR_REPOSITORY_NAME.test(name)) return;
  throw new Error(
    `${what} is not a name, allowed: 2 to 256 lower-case letters, digits and ". _ - /", for example "team/app"`,
  );
}

/** Throws for a name that begins with the host of a registry: no repository would have it. @internal */
export function refuseHost(what: string, name: string): void {
  const rest = Token.isUnresolved(name) ? undefined : withoutHost(name);
  if (rest === undefined) return;
  throw new Error(
    `${what} begins with the host of a registry, allowed: the name in the registry, ${JSON.stringify(rest)}; its account and region are those of the stack`,
  );
}
