import { DeploymentProperties, readDeploymentMessage } from '../../../src/core/gates/deployment';
import { DIGEST, IMAGE, NOW } from '../support/made';

const PROPERTIES = {
  Account: '111122223333',
  Region: 'eu-west-1',
  Repository: 'team/app',
  Enforcement: 'REFUSE',
};
const ASKER = {
  ResponseURL: 'https://example.com/secret',
  StackId: 's',
  RequestId: 'r',
  LogicalResourceId: 'l',
  PhysicalResourceId: 'p',
};
const MESSAGE = {
  image: IMAGE,
  reference: 'v1',
  enforcement: 'REFUSE',
  requestedAt: NOW.toISOString(),
  rollback: 'NO',
  asker: ASKER,
};

describe('what the template says of an image', () => {
  test.each([{ Digest: DIGEST }, { Tag: 'v1' }])('by %j, with what CloudFormation puts beside', which => {
    expect(DeploymentProperties.parse({ ...PROPERTIES, ...which, ServiceToken: 'arn' })).toEqual({
      ...PROPERTIES,
      ...which,
    });
  });

  test.each<[string, object]>([
    ['a tag and a digest', { Tag: 'v1', Digest: DIGEST }],
    ['neither', {}],
    ['a digest that is none', { Digest: 'sha256:1' }],
    ['a tag as a digest', { Digest: 'v1' }],
    ['a tag that is no text', { Tag: 1 }],
    ['an enforcement of its own', { Tag: 'v1', Enforcement: 'NONE' }],
    ['no enforcement', { Tag: 'v1', Enforcement: undefined }],
    ['no repository', { Tag: 'v1', Repository: undefined }],
  ])('%s is refused (rule 5.7, fail closed)', (_, changes) => {
    expect(DeploymentProperties.safeParse({ ...PROPERTIES, ...changes }).success).toBe(false);
  });
});

describe('a deployment that waits', () => {
  test.each<[string, object]>([
    ['as it was sent', {}],
    ['of a stack on its way back', { rollback: 'YES' }],
    ['of a gate that only audits', { enforcement: 'AUDIT' }],
  ])('is read: %s', (_, changes) => {
    expect(readDeploymentMessage({ ...MESSAGE, ...changes })).toEqual({
      ok: true,
      value: { ...MESSAGE, ...changes },
    });
  });

  test.each<[string, object]>([
    ['image', { image: undefined }],
    ['requestedAt', { requestedAt: 'now' }],
    ['rollback', { rollback: 'yes' }],
    ['enforcement', { enforcement: 'OFF' }],
  ])('cannot be read, but says whom to tell: %s', (field, changes) => {
    expect(readDeploymentMessage({ ...MESSAGE, ...changes })).toEqual({
      ok: false,
      error: { why: `the message of a deployment cannot be read (${field})`, asker: ASKER },
    });
  });

  test.each<[string, unknown]>([
    ['nobody to tell', { ...MESSAGE, asker: undefined }],
    ['nowhere to answer', { ...MESSAGE, asker: { ...ASKER, ResponseURL: undefined } }],
    ['nothing', undefined],
    ['a text', 'text'],
    ['null', null],
  ])('cannot be read, and has %s', (_, body) => {
    expect(readDeploymentMessage(body)).toEqual({
      ok: false,
      error: { why: expect.stringMatching(/^the message of a deployment cannot be read \(/) },
    });
  });

  test('rule 5.10, no secrets of gates: what is wrong with it never shows where it is answered', () => {
    const { error } = readDeploymentMessage({ ...MESSAGE, asker: { ...ASKER, StackId: 1 } }) as {
      error: { why: string };
    };
    expect(error.why).not.toContain('example.com');
  });
});
