import {
  AccountLimitExceededException,
  CodeBuildServiceException,
  type CodeBuildClient,
} from '@aws-sdk/client-codebuild';
import { CodeBuildScans } from '../../../adapters/aws/codebuild-scans';

const SCAN = { scanId: '01JDG000000000000000000001', image: 'image', reference: 'reference' };

function scans(answer: Error): CodeBuildScans {
  const send = async () => {
    throw answer;
  };
  return new CodeBuildScans('scans', 'evidence', { send } as unknown as CodeBuildClient);
}

function limit(message: string): Error {
  return new AccountLimitExceededException({ message, $metadata: {} });
}

test.each([
  'Cannot have more than 0 builds in queue for the account',
  'Cannot have more than 0 active builds for the account',
])('an account that may run no builds is not busy: %s', async message => {
  expect(await scans(limit(message)).start(SCAN)).toEqual({ none: message });
});

test.each([
  'Cannot have more than 1 builds in queue for the account',
  'Cannot have more than 10 builds in queue for the account',
  'Cannot have more than 100 active builds for the account',
  'a limit of tomorrow',
])('any other limit is over by itself: %s', async message => {
  expect(await scans(limit(message)).start(SCAN)).toBe('full');
});

test.each([
  ['ThrottlingException', 400],
  ['InternalError', 500],
  ['Unknown', 429],
])('%s says nothing of how many builds may run', async (name, httpStatusCode) => {
  const error = new CodeBuildServiceException({ name, $fault: 'server', $metadata: { httpStatusCode } });
  expect(await scans(error).start(SCAN)).toBe('busy');
});

test('what is no limit is an error', async () => {
  await expect(scans(new Error('more than 0 builds')).start(SCAN)).rejects.toThrow('more than 0 builds');
});
