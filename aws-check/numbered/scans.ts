import type { Build as CodeBuildBuild } from '@aws-sdk/client-codebuild';
import { quickstartOutputs } from '../../local/quickstart';
import { Register } from '../../local/verify/registry-and-register';
import { imageName, type Image } from '../../src/core/image/image';
import type { RegisterRow } from '../../src/core/register/row';
import type { Check } from '../check';
import { repositoryOf } from '../pushes';
import { resourceOf } from '../stacks';

export function imageOf(check: Check, kind: string): Image {
  const { account, region } = check.cloud;
  const pushed = check.file.state.pushed[kind];
  if (pushed === undefined) throw new Error(`the push ${kind} did not end`);
  return { account, region, repository: repositoryOf(check), digest: pushed.digest };
}

/** What the register says of one of the check's own images. */
export async function rowOf(check: Check, kind: string): Promise<RegisterRow> {
  const { RegisterTableName } = await quickstartOutputs(check.cloud);
  return new Register(check.cloud, RegisterTableName).row(imageOf(check, kind));
}

export function projectOf(check: Check): Promise<string> {
  return resourceOf(check, 'AWS::CodeBuild::Project', 'TrustScannerProject');
}

/** The build that scanned one of the check's own images. */
export async function scanBuildOf(check: Check, kind: string): Promise<CodeBuildBuild> {
  const { codebuild } = check.aws;
  const { ids = [] } = await codebuild.listBuildsForProject({
    projectName: await projectOf(check),
    sortOrder: 'ASCENDING',
  });
  const wanted = imageName(imageOf(check, kind));
  for (let at = 0; at < ids.length; at += 100) {
    const { builds = [] } = await codebuild.batchGetBuilds({ ids: ids.slice(at, at + 100) });
    const found = builds.find(({ environment }) =>
      environment?.environmentVariables?.some(({ value }) => value === wanted),
    );
    if (found !== undefined) return found;
  }
  throw new Error(`CodeBuild has no build of the image that was pushed ${kind}`);
}
