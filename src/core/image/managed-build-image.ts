const MANAGED = /^aws\/codebuild\/[\w.:/-]+$/;

/** An image that AWS CodeBuild itself brings, under a name that is no reference: nobody else can write it. */
export function isManagedBuildImage(name: unknown): boolean {
  return typeof name === 'string' && MANAGED.test(name);
}
