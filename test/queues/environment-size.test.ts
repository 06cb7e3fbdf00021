import type { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { CloudFormationGate, Enforcement, RepositorySelector, RunWatcher, type ImageTrust } from '../../src';
import { trustStack } from '../support/synthesise';

type Add = (stack: Stack, trust: ImageTrust, allowedImages: string[]) => unknown;

const images = (count: number) =>
  Array.from({ length: count }, (_, i) => `public.ecr.aws/x/y@sha256:${String(i).padStart(64, 'a')}`);
const synth = (add: Add, repositories: number, allowed: number) => () => {
  const { stack, trust } = trustStack({
    repositories: Array.from({ length: repositories }, (_, i) =>
      RepositorySelector.name(`team/payments/service-${i + 100}`),
    ),
  });
  add(stack, trust, images(allowed));
  return Template.fromStack(stack);
};

/** Each list is within its own limit. */
test.each<[string, Add]>([
  [
    'CloudFormationGate',
    (stack, trust, allowedImages) =>
      new CloudFormationGate(stack, 'Gate', { trust, allowedImages, enforcement: Enforcement.refuse() }),
  ],
  ['RunWatcher', (stack, trust, allowedImages) => new RunWatcher(stack, 'Gate', { trust, allowedImages })],
])('%s: more variables than AWS Lambda takes are an error at synthesis', (_, add) => {
  expect(synth(add, 35, 20)).toThrow(
    /the environment of Test\/Gate\/Resource has about \d+ characters, allowed: 4096, which AWS Lambda takes; its largest variables are REPOSITORIES \(\d+\) and ALLOWED_DIGESTS \(\d+\); select repositories by prefix, or copy allowedImages into an enrolled repository/,
  );
  expect(synth(add, 35, 0)).not.toThrow();
  expect(synth(add, 1, 20)).not.toThrow();
});
