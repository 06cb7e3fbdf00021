import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { EmergencyAccess, ImageTrust, RepositorySelector } from '../../src';
import { outputName, parameterName, PublishedPart, SCHEMA_VERSION } from '../../src/core/sharing/contract';
import { readPinnedKeys } from '../../src/core/signing/pinned-keys';
import { tagged } from '../gates/gated-stack';
import { FAST, trustStack } from '../support/synthesise';

/**
 * What a trust of version 1 publishes, as it was recorded: an importer of an older version reads exactly
 * this. Never changed; a later version of the contract is another file.
 */
const RECORDED = JSON.parse(readFileSync(join(__dirname, 'published-v1.json'), 'utf8')) as {
  readonly outputs: Readonly<Record<string, string>>;
  readonly parameters: Readonly<Record<string, string>>;
};

const template = trustStack({
  emergencyAccess: EmergencyAccess.BREAK_GLASS,
  publishedAs: 'platform',
  repositories: [
    RepositorySelector.prefix('team/'),
    RepositorySelector.name('app').inAccount('210987654321'),
  ],
}).template;
const parameters = Object.values(template.findResources('AWS::SSM::Parameter')).map(
  ({ Properties }) => Properties.Name as string,
);

describe('a trust of this version, for an importer of an older one', () => {
  test('has every output that was recorded', () => {
    expect(Object.keys(template.toJSON().Outputs)).toEqual(
      expect.arrayContaining(Object.keys(RECORDED.outputs)),
    );
    expect(template.toJSON().Outputs.TrustedImagesSchemaVersion.Value).toBe(
      RECORDED.outputs.TrustedImagesSchemaVersion,
    );
  });

  test('has every parameter that was recorded, below the path of its version', () => {
    expect(parameters).toEqual(expect.arrayContaining(Object.keys(RECORDED.parameters)));
  });
});

describe('an importer of this version, for a trust of an older one', () => {
  /** What an app reads of the outputs or parameters of a trust. */
  function read(by: 'stack' | 'parameters'): string[] {
    const stack = new Stack(new App({ context: FAST, analyticsReporting: false }), 'Team');
    const trust =
      by === 'stack'
        ? ImageTrust.fromStackName(stack, 'Trust', { stackName: 'Platform' })
        : ImageTrust.fromParameters(stack, 'Trust', {
            publishedAs: 'platform',
            signingKeys: [{ keyArn: 'arn:aws:kms:eu-west-1:123456789012:key/1' }],
          });
    tagged(stack, trust);
    const text = JSON.stringify(Template.fromStack(stack).toJSON());
    const pattern = by === 'stack' ? /"OutputName":"([^"]+)"/g : /[":](\/trusted-images\/[^"}]+)["}]/g;
    return [...new Set([...text.matchAll(pattern)].map(([, name]) => name!))].sort();
  }

  test('reads no output that was not recorded', () => {
    expect(Object.keys(RECORDED.outputs)).toEqual(expect.arrayContaining(read('stack')));
    // these its gate reads at each deployment of an image
    for (const part of ['schemaVersion', 'repositories', 'signingKeys'] as const) {
      expect(Object.keys(RECORDED.outputs)).toContain(outputName(part));
    }
  });

  test('reads no parameter that was not recorded', () => {
    expect(Object.keys(RECORDED.parameters)).toEqual(expect.arrayContaining(read('parameters')));
    for (const part of ['schemaVersion', 'repositories'] as const) {
      expect(Object.keys(RECORDED.parameters)).toContain(parameterName('platform', part));
    }
  });

  test('understands the recorded keys', () => {
    expect(readPinnedKeys(RECORDED.outputs.TrustedImagesSigningKeys!)).toHaveLength(2);
  });
});

test('everything that is published has a name of both kinds, but for the keys, which no parameter names', () => {
  const parts = Object.keys(PublishedPart) as PublishedPart[];
  const published = Object.keys(template.toJSON().Outputs).filter(id => id.startsWith('TrustedImages'));
  expect(published.sort()).toEqual(parts.map(outputName).sort());
  expect(parameters.sort()).toEqual(
    parts
      .filter(part => part !== 'signingKeys')
      .map(part => parameterName('platform', part))
      .sort(),
  );
  expect(SCHEMA_VERSION).toBe('1');
});

test.each(['', '1platform', 'a'.repeat(41), 'platform/other'])('the name %j is refused', publishedAs => {
  expect(() => trustStack({ publishedAs })).toThrow(
    `publishedAs is ${JSON.stringify(publishedAs)}, allowed: a letter and up to 39 letters, digits and "-", for example "platform"`,
  );
});

test('a second published trust in one stack is refused, and one that is not published is not', () => {
  const { stack } = trustStack({ publishedAs: 'platform' });
  const repositories = [RepositorySelector.prefix('team/')];
  expect(() => new ImageTrust(stack, 'Third', { repositories, gate: { gateName: 'third' } })).not.toThrow();
  expect(
    () =>
      new ImageTrust(stack, 'Second', { repositories, publishedAs: 'second', gate: { gateName: 'second' } }),
  ).toThrow(
    'the stack Test publishes a trust already, and Test/Second is another, allowed: one published trust in a stack',
  );
});

test('nothing is published of a trust by default', () => {
  const { template: plain } = trustStack();
  const outputs = Object.keys(plain.toJSON().Outputs);
  expect(outputs.filter(id => id.startsWith('TrustedImages'))).toEqual([]);
  plain.resourceCountIs('AWS::SSM::Parameter', 0);
});
