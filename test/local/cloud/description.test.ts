import { cloudEnvironment, embedded } from '../../../local/cloud/description';
import { patienceWith } from '../../../local/cloud/patience';

const AWS = {
  account: '111122223333',
  region: 'eu-west-1',
  registryHost: '111122223333.dkr.ecr.eu-west-1.amazonaws.com',
  logFile: '/x',
};
const OWN = { AWS_PROFILE: 'sandbox', AWS_CONFIG_FILE: '/c', PATH: '/bin' };

test('on AWS programs get the profile of the environment, and no endpoint', () => {
  expect(cloudEnvironment(AWS, OWN)).toEqual({
    AWS_PROFILE: 'sandbox',
    AWS_CONFIG_FILE: '/c',
    AWS_REGION: 'eu-west-1',
    AWS_DEFAULT_REGION: 'eu-west-1',
  });
});

test("on the embedded cloud they get its keys, and nothing of the developer's own", () => {
  const credentials = { accessKeyId: 'A', secretAccessKey: 'S' };
  expect(cloudEnvironment({ ...AWS, endpoint: 'http://127.0.0.1:1', credentials }, OWN)).toEqual({
    AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_ACCESS_KEY_ID: 'A',
    AWS_SECRET_ACCESS_KEY: 'S',
    AWS_REGION: 'eu-west-1',
    AWS_DEFAULT_REGION: 'eu-west-1',
  });
});

test('what only the emulator can do is refused on AWS, with the mark that skips it', () => {
  expect(() => embedded(AWS)).toThrow('a test that needs it stands under onlyEmulated()');
});

test('AWS has more time than the embedded cloud for each thing', () => {
  const here = Object.entries(patienceWith({ endpoint: 'http://127.0.0.1:1' }));
  const there = new Map(Object.entries(patienceWith({})));
  expect(here.filter(([name, ms]) => there.get(name)! <= ms)).toEqual([]);
});
