import { pushAddress } from '../../../local/docker/push-address';

const IMAGE = '000000000000.dkr.ecr.us-east-1.amazonaws.com/team/app:v1';

test('a name on AWS is found in the embedded registry', () => {
  expect(pushAddress(IMAGE, 'http://127.0.0.1:4870/')).toEqual({
    registry: 'http://127.0.0.1:4870',
    repository: 'team/app',
    tag: 'v1',
  });
});

test.each([
  'alpine:3',
  '000000000000.dkr.ecr.us-east-1.amazonaws.com/team/app',
  'example.com/000000000000.dkr.ecr.us-east-1.amazonaws.com/app:v1',
])('%s is no image to push', image => {
  expect(() => pushAddress(image, 'http://127.0.0.1:4870')).toThrow(
    `${JSON.stringify(image)} is no image to push, allowed: <account>.dkr.ecr.<region>.amazonaws.com/`,
  );
});

test.each([undefined, '', 'nonsense', 'https://ecr.us-east-1.amazonaws.com', 'http://127.0.0.1.example.com'])(
  'nothing is pushed to %j',
  endpoint => {
    expect(() => pushAddress(IMAGE, endpoint)).toThrow(
      `AWS_ENDPOINT_URL is ${JSON.stringify(endpoint ?? '')}, allowed: an address of 127.0.0.1 or localhost; start the embedded cloud`,
    );
  },
);
