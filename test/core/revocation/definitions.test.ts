import { definitionsNaming, newestRevisions } from '../../../src/core/revocation/definitions';
import { DIGEST, REGISTRY } from '../running/events';

const TASK = 'arn:aws:ecs:us-east-1:000000000000:task-definition';
const JOB = 'arn:aws:batch:us-east-1:000000000000:job-definition';

test('of each definition the highest revisions count, whichever are listed first', () => {
  const arns = [2, 10, 9, 11].map(revision => `${TASK}/web:${revision}`);
  expect(newestRevisions([...arns, `${TASK}/web-api:1`, `${JOB}/web:3`], 2)).toEqual([
    `${TASK}/web:11`,
    `${TASK}/web:10`,
    `${TASK}/web-api:1`,
    `${JOB}/web:3`,
  ]);
});

describe('an image', () => {
  const IMAGE = `000000000000.us-east-1/team/app@${DIGEST}`;
  const INDEX = `sha256:${'c'.repeat(64)}`;
  const names = { digests: new Set([DIGEST, INDEX]), tags: new Set(['v1', 'latest']) };
  const naming = (...references: string[]) =>
    definitionsNaming(IMAGE, names, [
      { arn: 'task/1', images: references.map(reference => ({ reference })) },
    ]);

  test.each([
    ['its digest', `${REGISTRY}/team/app@${DIGEST}`],
    ['its digest, whatever the tag beside it', `${REGISTRY}/team/app:v9@${DIGEST}`],
    ['the digest of its index', `${REGISTRY}/team/app@${INDEX}`],
    ['a tag that it has', `${REGISTRY}/team/app:v1`],
    ['no tag, which means latest', `${REGISTRY}/team/app`],
  ])('is named by %s', (_, reference) => {
    expect(naming('public.ecr.aws/sidecar:1', reference)).toEqual(['task/1']);
  });

  test.each([
    ['another digest', `${REGISTRY}/team/app@sha256:${'b'.repeat(64)}`],
    ['another digest beside its tag', `${REGISTRY}/team/app:v1@sha256:${'b'.repeat(64)}`],
    ['a tag that it does not have', `${REGISTRY}/team/app:v2`],
    ['its tag in another repository', `${REGISTRY}/team/b:v1`],
    ['its tag in another region', '000000000000.dkr.ecr.eu-west-1.amazonaws.com/team/app:v1'],
    ['its tag in another registry', 'docker.io/team/app:v1'],
    ['no reference', 'UPPER CASE'],
  ])('is not named by %s', (_, reference) => {
    expect(naming(reference)).toEqual([]);
  });
});
