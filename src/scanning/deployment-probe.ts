/**
 * Whether a deployment proves that scans work in its account.
 */
export enum DeploymentProbe {
  /**
   * The first deployment, and each that changes how scans run, scans a small image of its own, with the real
   * project. It fails, and says why, if the build cannot log in to Amazon ECR, has no vulnerability database,
   * cannot upload, or is not described by CodeBuild as this library expects it. It takes one or two minutes,
   * at most 13, and costs as much as a scan. A rollback is not probed.
   */
  ON_CHANGE = 'ON_CHANGE',

  /** No deployment proves it. The first push shows whether scans work. */
  NONE = 'NONE',
}
