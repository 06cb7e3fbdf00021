import { readResultMessage } from '../../../src/core/scanning/result-message';
import { IMAGE } from '../support/made';

const ID = 'scans:12345678-1234-1234-1234-123456789012';
const event = (id: unknown) => ({
  source: 'aws.codebuild',
  'detail-type': 'CodeBuild Build State Change',
  detail: { 'build-id': id, 'build-status': 'SUCCEEDED', 'project-name': 'scans' },
});

describe('a message of the scan result queue is a pointer (rule 4.1, messages are hints)', () => {
  test.each(['aws', 'aws-cn', 'aws-us-gov'])(
    'a state event in the partition %s gives a build id, and nothing else (rule 5.2, provenance)',
    partition => {
      expect(
        readResultMessage(event(`arn:${partition}:codebuild:us-east-1:000000000000:build/${ID}`)),
      ).toEqual({ ok: true, value: { version: 1, buildId: ID } });
    },
  );

  test.each([
    { version: 1, buildId: ID },
    { version: 1, image: IMAGE },
  ])('one of our own: %j', message => {
    expect(readResultMessage(message)).toEqual({ ok: true, value: message });
  });

  test.each([
    event(ID),
    event(`arn:aws:codebuild:us-east-1:000000000000:build/${ID}/../x`),
    event(`arn:aws:codebuild:us-east-1:000000000000:project/${ID}`),
    event(undefined),
    event(1),
    { version: 1, buildId: 'scans' },
    { version: 1, image: 'team/app:latest' },
    { version: 2, buildId: ID },
    {},
    undefined,
    'x',
  ])('%j is refused', message => {
    expect(readResultMessage(message).ok).toBe(false);
  });
});
