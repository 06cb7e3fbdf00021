import { PINS } from './pins';
import type { PipelineOptions } from './pipeline-options';
import type { TemplateValues } from '../shell/template';

/**
 * The variables of the CI system that hold the values that are not given. The placeholders of the templates
 * have the same names.
 */
export const VARIABLES = [
  { option: 'repository', name: 'ECR_REPOSITORY', what: 'the repository in Amazon ECR' },
  { option: 'region', name: 'AWS_REGION', what: 'its Region' },
  { option: 'pushRoleArn', name: 'AWS_PUSH_ROLE_ARN', what: 'the role that pushes and asks for trust' },
  { option: 'deployRoleArn', name: 'AWS_DEPLOY_ROLE_ARN', what: 'the role that deploys' },
  { option: 'stack', name: 'TRUSTED_IMAGES_STACK', what: 'the stack that has the ImageTrust' },
] as const satisfies readonly { option: keyof PipelineOptions; name: string; what: string }[];

/**
 * The values for the templates of all pipelines. The pipelines do the same, for the same reasons:
 * - The image is built into a folder. It has no attestations, so it is one manifest, which AWS Lambda accepts
 *   too. Docker's default driver cannot write an OCI layout, so the build uses another driver.
 * - The pushed digest is compared with the scanned digest. The pipeline reads the scanned digest right after
 *   the scan, so a later change to the folder does not change it.
 * - A push starts a scan by an event that ECR does not guarantee. So `rescan --wait` requests a scan and
 *   waits until it ends.
 */
export function pipelineValues(options: PipelineOptions): TemplateValues {
  const { policy } = options;
  return {
    ...PINS,
    POLICY_OPTION: policy === undefined ? '' : ` --policy ${policy}`,
    ...Object.fromEntries(VARIABLES.map(({ option, name }) => [name, options[option]])),
  };
}
