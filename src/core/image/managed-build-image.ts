/** Segments begin with a letter or a digit: no dots lead out of the folder. */
const MANAGED = /^aws\/codebuild(?:\/[a-z0-9][\w.-]*)+(?::[a-z0-9][\w.-]*)?$/i;

/** An image that AWS CodeBuild itself brings, under a name that is no reference: nobody else can write it. */
export function isManagedBuildImage(name: unknown): boolean {
  return typeof name === 'string' && MANAGED.test(name);
}
