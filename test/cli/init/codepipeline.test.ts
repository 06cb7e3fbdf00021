import { Match, Template } from 'aws-cdk-lib/assertions';
import { codePipelineSnippet, fileOf } from './generated';
import { synthesise } from '../../docs/run-block';

test('the buildspec stops at the first command that fails', async () => {
  const { yaml } = await fileOf('codepipeline');
  expect(yaml).toMatchObject({
    version: 0.2,
    env: { shell: 'bash', 'exported-variables': ['IMAGE_DIGEST'] },
  });
  expect(Object.keys(yaml.phases)).toEqual(['install', 'build']);
  // and there is no phase after it
  expect(Object.values<any>(yaml.phases).map(phase => phase['on-failure'])).toEqual(['ABORT', undefined]);
  expect(
    Object.values<any>(yaml.phases)
      .flatMap(({ commands }) => commands)
      .filter(command => typeof command !== 'string'),
  ).toEqual([]);
});

test('the findings are an artifact of the build, also of one that failed', async () => {
  const { yaml } = await fileOf('codepipeline');
  expect(yaml.artifacts).toEqual({ files: ['trusted-images.sarif'] });
  expect(yaml.phases.build['on-failure']).toBeUndefined(); // ABORT ends the build before it keeps anything
});

// that it compiles, the test of all pages says
test('the snippet makes a pipeline whose roles may what its commands do', async () => {
  const template = Template.fromJSON(
    synthesise({ file: 'snippet.md', line: 1, language: 'ts', code: await codePipelineSnippet() }) as Record<
      string,
      unknown
    >,
  );
  template.hasResourceProperties('AWS::CodePipeline::Pipeline', {
    Stages: ['Source', 'Image', 'Deploy'].map(Name => Match.objectLike({ Name })),
  });
  template.hasResourceProperties('AWS::CodePipeline::Pipeline', {
    Stages: Match.arrayWith([
      Match.objectLike({
        Name: 'Image',
        Actions: [Match.objectLike({ OutputArtifacts: [{ Name: 'Findings' }] })],
      }),
    ]),
  });
  const actions = Object.values(template.findResources('AWS::IAM::Policy'))
    .filter(({ Properties: { PolicyName } }) => /^ImageRole/.test(PolicyName))
    .flatMap(
      ({
        Properties: {
          PolicyDocument: { Statement },
        },
      }) => Statement as { Action: string | string[] }[],
    )
    .flatMap(({ Action }) => Action);
  expect(actions).toEqual(
    expect.arrayContaining([
      'ecr:PutImage',
      'ecr:GetAuthorizationToken',
      'ecr:DescribeRepositories',
      'cloudformation:GetTemplate',
      'dynamodb:GetItem',
      'kms:GetPublicKey',
      'sqs:SendMessage',
    ]),
  );
  expect(actions.filter(action => /^kms:Sign|^dynamodb:(?:Put|Update|Delete)/.test(action))).toEqual([]);
}, 120_000);
