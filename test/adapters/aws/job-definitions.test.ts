import { BatchClient } from '@aws-sdk/client-batch';
import { JobDefinitions } from '../../../adapters/aws/job-definitions';
import { AwsFault, AwsServices } from '../../support/aws-services';

const DESCRIBE = 'POST /v1/describejobdefinitions';
const ARN = 'arn:aws:batch:us-east-1:000000000000:job-definition/night';

let aws: AwsServices;
beforeEach(async () => {
  aws = await AwsServices.start();
});
afterEach(() => aws.stop());

const images = (name: string) =>
  new JobDefinitions(new BatchClient({ ...aws.options, maxAttempts: 1 })).images(name);
const revision = (number: number, more: object = {}) => ({
  jobDefinitionName: 'night',
  jobDefinitionArn: `${ARN}:${number}`,
  revision: number,
  type: 'container',
  containerProperties: { image: `repository/${number}` },
  ...more,
});

test.each([`${ARN}:2`, 'night:2'])('a revision is that revision: %s', async name => {
  aws.answers = { [DESCRIBE]: () => ({ jobDefinitions: [revision(2)] }) };
  expect(await images(name)).toEqual([{ reference: 'repository/2' }]);
  expect(aws.asked(DESCRIBE)).toEqual([{ jobDefinitions: [name] }]);
});

test.each([ARN, 'night'])('a name is its newest active revision, on whichever page: %s', async name => {
  aws.answers = {
    [DESCRIBE]: ({ body }) =>
      body.nextToken === undefined
        ? { jobDefinitions: [revision(9), revision(10)], nextToken: '2' }
        : { jobDefinitions: [revision(101), revision(100)] },
  };
  expect(await images(name)).toEqual([{ reference: 'repository/101' }]);
  expect(aws.asked(DESCRIBE)[0]).toEqual({ jobDefinitionName: 'night', status: 'ACTIVE' });
});

test('all containers of a job on several nodes', async () => {
  const node = (image: string) => ({ targetNodes: '0:', container: { image } });
  const nodeProperties = { numNodes: 2, mainNode: 0, nodeRangeProperties: [node('a'), node('b')] };
  const job = revision(1, { type: 'multinode', containerProperties: undefined, nodeProperties });
  aws.answers = { [DESCRIBE]: () => ({ jobDefinitions: [job] }) };
  expect(await images('night:1')).toEqual([{ reference: 'a' }, { reference: 'b' }]);
});

test('one that was deleted is none', async () => {
  aws.answers = { [DESCRIBE]: () => ({ jobDefinitions: [] }) };
  expect(await images('night')).toBeUndefined();
});

test('rule 5.12, watchers: what AWS Batch does not say is an error', async () => {
  aws.answers = { [DESCRIBE]: () => new AwsFault('ServerException', 'no', 500) };
  await expect(images('night')).rejects.toThrow('no');
  aws.answers = { [DESCRIBE]: () => ({ jobDefinitions: [revision(1, { containerProperties: {} })] }) };
  await expect(images('night:1')).rejects.toThrow();
});
