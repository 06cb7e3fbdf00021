import { ListImageReferrersRequest } from '@aws-sdk/client-ecr';
import { Place } from './describe';
import { findReferrers } from './referrers';
import { RepositoryStore } from './repository-store';
import { Answer, errorAnswer, jsonAnswer, parseJson } from '../gateway/answer';
import { Call } from '../gateway/call';
import { mayAfterAll } from '../rights';

/**
 * MiniStack knows no referrers, and asks for a right of the call's name; ECR asks for the right to get
 * images.
 */
export async function listImageReferrers(
  call: Call,
  store: RepositoryStore,
  { account, region, aws }: Place,
): Promise<Answer> {
  const {
    repositoryName,
    subjectId,
    filter,
    nextToken,
    maxResults = 20,
  } = await call.json<ListImageReferrersRequest>();
  const answer = await call.forward();
  const isAllowed =
    answer.status === 200 || parseJson<{ __type?: string }>(answer).__type === 'InvalidAction';
  const arn = `arn:aws:ecr:${region}:${account}:repository/${repositoryName}`;
  if (!isAllowed && !(await mayAfterAll(answer, [arn], aws, 'ecr:BatchGetImage'))) {
    const refusal = answer.body.toString().replaceAll('ecr:ListImageReferrers', 'ecr:BatchGetImage');
    return { ...answer, body: Buffer.from(refusal) };
  }
  const digest = subjectId?.imageDigest;
  if (digest === undefined) {
    return errorAnswer(
      'InvalidParameterException',
      "Invalid parameter at 'subjectId': an image digest is needed",
    );
  }
  const referrers = await findReferrers(store, repositoryName!, digest, filter?.artifactTypes);
  const start = Number(nextToken ?? 0);
  return jsonAnswer(200, {
    referrers: referrers
      .slice(start, start + maxResults)
      .map(referrer => ({ ...referrer, artifactStatus: 'ACTIVE' })),
    ...(start + maxResults < referrers.length && { nextToken: String(start + maxResults) }),
  });
}
