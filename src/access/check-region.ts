import { Stack, Token } from 'aws-cdk-lib';
import { RegionInfo } from 'aws-cdk-lib/region-info';
import type { Construct } from 'constructs';
import { REGIONS_AS_OF, REGIONS_WITHOUT } from '../core/regions-without';
import { warnAtSynthesis } from '../properties/warn-at-synthesis';

const SHOWN: Readonly<Record<keyof typeof REGIONS_WITHOUT, string>> = {
  codeBuild: 'AWS CodeBuild, which scans',
  functionUrls: 'function URLs of AWS Lambda, by which people grant and release',
  lambdaHooks: 'Lambda hooks of AWS CloudFormation, which CloudFormationGate is made of',
};

/**
 * Throws in another partition: nothing of this library was made for it, and parts of it are missing there.
 * Warns in a region without CodeBuild. A region that is a token is not known at synthesis.
 *
 * @internal
 */
export function checkRegion(scope: Construct): void {
  const { region } = Stack.of(scope);
  if (Token.isUnresolved(region)) return;
  const { partition = 'aws' } = RegionInfo.get(region);
  const missing = missingIn(region);
  if (partition !== 'aws') {
    const what = missing.map(each => SHOWN[each]).join('; ') || 'nothing that is known';
    throw new Error(
      `${scope.node.path} is in a stack of the region ${region}, in the partition ${partition}, allowed: a region of the partition aws; missing there: ${what} (schemas of CloudFormation, ${REGIONS_AS_OF})`,
    );
  }
  warnAtSynthesis(scope, 'cdk-trusted-images:regionWithoutCodeBuild', () =>
    missing.includes('codeBuild')
      ? `${scope.node.path} is in a stack of the region ${region}, for which AWS published no schema of ${SHOWN.codeBuild} (${REGIONS_AS_OF}): the deployment fails if it is not there; see AWS's list of services by region, or deploy to another region and replicate images to it`
      : undefined,
  );
}

function missingIn(region: string): (keyof typeof REGIONS_WITHOUT)[] {
  return (Object.keys(REGIONS_WITHOUT) as (keyof typeof REGIONS_WITHOUT)[]).filter(name =>
    REGIONS_WITHOUT[name].some(each => each === region),
  );
}
