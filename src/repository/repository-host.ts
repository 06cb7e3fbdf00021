import { Token } from 'aws-cdk-lib';
import { withoutHost } from '../core/image/repository-name';

/** Throws for a name that begins with the host of a registry: no repository would have it. @internal */
export function refuseHost(what: string, name: string): void {
  const rest = Token.isUnresolved(name) ? undefined : withoutHost(name);
  if (rest === undefined) return;
  throw new Error(
    `${what} begins with the host of a registry, allowed: the name in the registry, ${JSON.stringify(rest)}; its account and region are those of the stack`,
  );
}
