import type { IConstruct } from 'constructs';

const USER = Symbol.for('cdk-trusted-images.user');

/**
 * The construct that took a resource of somebody else before, of those that can share it with no other. If
 * there is none, this one is the first.
 *
 * @internal
 */
export function firstUser(resource: object, user: IConstruct): IConstruct {
  const taken = resource as { [USER]?: IConstruct };
  if (taken[USER] === undefined) Object.defineProperty(resource, USER, { value: user });
  return taken[USER]!;
}
