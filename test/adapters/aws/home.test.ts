import { homeOf } from '../../../adapters/aws/home';

test.each([
  [
    'arn:aws:lambda:us-east-1:000000000000:function:dispatch',
    { account: '000000000000', region: 'us-east-1' },
  ],
  [
    'arn:aws-cn:lambda:cn-north-1:111122223333:function:dispatch:live',
    { account: '111122223333', region: 'cn-north-1' },
  ],
])('%s', (invokedFunctionArn, home) => {
  expect(homeOf({ invokedFunctionArn })).toEqual(home);
});

test.each(['dispatch', '', 'arn:aws:s3:::bucket'])(
  'a function that does not know where it is scans nothing: %j',
  invokedFunctionArn => {
    expect(() => homeOf({ invokedFunctionArn })).toThrow('not the ARN of a function');
  },
);
