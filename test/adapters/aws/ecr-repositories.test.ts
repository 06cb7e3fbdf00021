import { ECRServiceException, type ECRClient } from '@aws-sdk/client-ecr';
import { EcrRepositories } from '../../../adapters/aws/ecr-repositories';

const gone = new EcrRepositories({
  send: async () => {
    throw new ECRServiceException({ name: 'RepositoryNotFoundException', $fault: 'client', $metadata: {} });
  },
} as unknown as ECRClient);

test('a repository that was deleted meanwhile has no tags', async () => {
  expect(await gone.tags('arn:aws:ecr:us-east-1:000000000000:repository/team/app')).toEqual({});
});
