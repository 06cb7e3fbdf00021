import { AwsClients } from '../aws-clients';
import { Answer, parseJson } from '../gateway/answer';

const DENIED = /User: arn:aws:sts::(\d{12}):assumed-role\/([^/]+)\/\S* is not authorized to perform: codebuild:BatchGetBuilds/;

/**
 * Whether a caller that MiniStack refused may read these builds after all: MiniStack asks for BatchGetBuilds on `*`, AWS asks for it on
 * each build's project. The right is asked for again as AWS would.
 */
export async function mayReadBuilds(refusal: Answer, projects: readonly string[], region: string, { iam }: AwsClients): Promise<boolean> {
  const [, account, role] = DENIED.exec(parseJson<{ message?: string }>(refusal).message ?? '') ?? [];
  if (role === undefined || projects.length === 0) return false;
  const decisions = await Promise.all([...new Set(projects)].map(async project => {
    const { EvaluationResults: results = [] } = await iam.simulatePrincipalPolicy({
      PolicySourceArn: `arn:aws:iam::${account}:role/${role}`,
      ActionNames: ['codebuild:BatchGetBuilds'],
      ResourceArns: [`arn:aws:codebuild:${region}:${account}:project/${project}`], // MiniStack looks at the first one only
    });
    return results[0]?.EvalDecision;
  }));
  return decisions.every(decision => decision === 'allowed');
}
