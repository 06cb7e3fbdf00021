import { restoreTemplate, rewriteTemplate, Template } from '../../../local/cloud/cloudformation/template';

const writeOnce = { Effect: 'Deny', Action: 's3:PutObject', Condition: { Null: { 's3:if-none-match': 'true' } } };
const overTls = { Effect: 'Deny', Action: 's3:*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } };

const template: Template = {
  Resources: {
    Hook: { Type: 'AWS::CloudFormation::LambdaHook', Properties: { Alias: 'A::B::C' }, Metadata: { 'aws:cdk:path': 'Stack/Hook' } },
    Policy: { Type: 'AWS::S3::BucketPolicy', Properties: { Bucket: 'bucket', PolicyDocument: { Statement: [writeOnce, overTls] } } },
    Bucket: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'bucket' } },
  },
};

test('leaves out what MiniStack cannot take, says so, and touches nothing else', () => {
  const { template: rewritten, lost } = rewriteTemplate(template);

  expect(rewritten.Resources?.Hook).toMatchObject({ Type: 'AWS::CloudFormation::WaitConditionHandle' });
  expect(rewritten.Resources?.Hook.Properties).toBeUndefined();
  expect(rewritten.Resources?.Policy.Properties).toEqual({ Bucket: 'bucket', PolicyDocument: { Statement: [overTls] } });
  expect(rewritten.Resources?.Bucket).toBe(template.Resources?.Bucket);
  expect(lost).toEqual([
    'Hook: AWS::CloudFormation::LambdaHook',
    'Policy: 1 statement(s) of an AWS::S3::BucketPolicy on s3:if-none-match',
  ]);
});

test('gives the template back as it was', () => {
  expect(restoreTemplate(JSON.parse(JSON.stringify(rewriteTemplate(template).template)) as Template)).toEqual(template);
});

test('does not touch a template that MiniStack can take', () => {
  expect(rewriteTemplate({ Resources: { Bucket: template.Resources!.Bucket } }).lost).toEqual([]);
});
