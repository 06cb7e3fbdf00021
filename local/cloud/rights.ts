import { AwsClients } from './aws-clients';
import { Answer, parseJson } from './gateway/answer';

const DENIED =
  /User: (?:arn:aws:sts::(\d{12}):assumed-role\/([^/]+)\/\S*|(arn:aws:iam::\d{12}:user\/\S+)) is not authorized to perform: (\w+:\w+)/;

/**
 * Whether a caller that MiniStack refused may act after all: of a list of names, MiniStack asks for the right
 * on `*`, AWS asks for it on each of the resources named. The right is asked for again as AWS would.
 *
 * @param action where AWS asks for another right than the one that has the call's name
 */
export async function mayAfterAll(
  refusal: Answer,
  resources: readonly string[],
  { iam }: AwsClients,
  action?: string,
): Promise<boolean> {
  const [, account, role, user, asked] =
    DENIED.exec(parseJson<{ message?: string }>(refusal).message ?? '') ?? [];
  if (asked === undefined || resources.length === 0) return false;
  const who = user ?? `arn:aws:iam::${account}:role/${role}`;
  const decisions = await Promise.all(
    [...new Set(resources)].map(resource => mayPrincipal(who, action ?? asked, resource, { iam })),
  );
  return decisions.every(Boolean);
}

/** A role or a user, by its own policies. */
export async function mayPrincipal(
  arn: string,
  action: string,
  resource: string,
  { iam }: Pick<AwsClients, 'iam'>,
): Promise<boolean> {
  const { EvaluationResults: results = [] } = await iam.simulatePrincipalPolicy({
    PolicySourceArn: arn,
    ActionNames: [action],
    ResourceArns: [resource], // MiniStack looks at the first one only
  });
  return results[0]?.EvalDecision === 'allowed';
}
