import { request } from 'node:http';
import { emulator, miniStack } from './cloud';
import { deploy } from './cloud-fixtures';
import { uniqueName } from './eventually';
import { onlyEmulated } from './only-emulated';
import { awsClients } from '../../local/cloud/aws-clients';

onlyEmulated('it holds the gateway itself against what AWS documents');

/**
 * Each thing that the gateway takes over, and beside it the gap in MiniStack: when a gap is closed, its
 * takeover can go.
 */

describe('who may come in', () => {
  const call = (headers: Record<string, string>, path = '/') =>
    new Promise<{ status: number; body: string }>((resolve, reject) => {
      const { hostname, port } = new URL(emulator().endpoint);
      request({ hostname, port, path, headers }, response => {
        let body = '';
        response
          .setEncoding('utf8')
          .on('data', (text: string) => {
            body += text;
          })
          .on('end', () => resolve({ status: response.statusCode!, body }));
      })
        .on('error', reject)
        .end();
    });
  const named = (key: string) => ({
    authorization: `AWS4-HMAC-SHA256 Credential=${key}/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=00`,
  });

  test.each([
    ['a request of a web page', { origin: 'http://evil.example' }, '/v2/', /origin is refused/],
    [
      'a name that was rebound to this machine',
      { host: 'evil.example' },
      '/v2/',
      /host \\?"evil.example\\?" is refused/,
    ],
    ['the root key of the emulator', named('test'), '/', /access key "test" is refused/],
    ['an account number as a key', named('000000000000'), '/', /access key "000000000000" is refused/],
    ['no key at all', {}, '/', /names one access key \(given 0\)/],
    [
      'a root key in the query',
      {},
      '/?X-Amz-Credential=test%2F20260101%2Fus-east-1%2Fs3%2Faws4_request',
      /access key "test" is refused/,
    ],
    [
      'a root key beside the registry',
      {},
      '/v2/?X-Amz-Credential=test%2Fx',
      /takes no signature in its query/,
    ],
    [
      "the emulator's own controls",
      named('AKIAAAAAAAAAAAAAAAAA'),
      '/_ministack/health',
      /internal to the emulator/,
    ],
    [
      "the emulator's own controls, spelled otherwise",
      named('AKIAAAAAAAAAAAAAAAAA'),
      '/%5fministack/health',
      /internal to the emulator/,
    ],
    ["the gateway's controls without this run's token", {}, '/_local/events', /not the token of this run/],
  ])('refuses %s', async (_, headers, path, reason) => {
    const { status, body } = await call(headers, path);

    expect({ status, body }).toEqual({ status: 403, body: expect.stringMatching(reason) });
  });

  test('lets in who has the keys of this run, and nobody with other ones', async () => {
    const stranger = awsClients({
      ...emulator(),
      credentials: { accessKeyId: emulator().credentials.accessKeyId, secretAccessKey: 'guessed' },
    });

    await expect(emulator().sts.getCallerIdentity({})).resolves.toMatchObject({
      Arn: expect.stringContaining('user/administrator'),
    });
    await expect(stranger.s3.listBuckets({})).rejects.toMatchObject({ name: 'SignatureDoesNotMatch' });
    await expect(miniStack().sts.getCallerIdentity({})).resolves.toMatchObject({
      Arn: expect.stringContaining(':root'),
    }); // MiniStack takes test/test
  });

  test('leaves it to MiniStack who may do what the gateway does itself', async () => {
    const { iam } = emulator();
    const UserName = uniqueName('user');
    await iam.createUser({ UserName });
    const { AccessKey: key } = await iam.createAccessKey({ UserName });
    const nobody = awsClients({
      ...emulator(),
      credentials: { accessKeyId: key!.AccessKeyId!, secretAccessKey: key!.SecretAccessKey! },
    });

    for (const failedScan of [
      () => nobody.codebuild.startBuild({ projectName: 'any' }),
      () => nobody.codebuild.batchGetBuilds({ ids: ['any:1'] }),
      () => nobody.ecr.listImages({ repositoryName: 'any' }),
      () => nobody.ecr.initiateLayerUpload({ repositoryName: 'any' }),
    ])
    // one at a time: a refusal that nobody waits for yet ends the test
    {
      await expect(failedScan()).rejects.toThrow(/not authorized/);
    }
  });
});

describe('buckets', () => {
  test('take a key once with if-none-match, natively', async () => {
    const { s3 } = emulator();
    const Bucket = uniqueName('bucket');
    await s3.createBucket({ Bucket });
    await s3.putObject({ Bucket, Key: 'once', Body: 'first', IfNoneMatch: '*' });

    await expect(
      s3.putObject({ Bucket, Key: 'once', Body: 'second', IfNoneMatch: '*' }),
    ).rejects.toMatchObject({ $metadata: { httpStatusCode: 412 } });
  });

  test('have the tags of their template', async () => {
    const Bucket = uniqueName('bucket');
    await deploy({
      Resources: {
        Bucket: {
          Type: 'AWS::S3::Bucket',
          Properties: { BucketName: Bucket, Tags: [{ Key: 'team', Value: 'a & b' }] },
        },
      },
    });

    await expect(emulator().s3.getBucketTagging({ Bucket })).resolves.toMatchObject({
      TagSet: [{ Key: 'team', Value: 'a & b' }],
    });
    await expect(miniStack().s3.getBucketTagging({ Bucket })).rejects.toThrow(); // the gap
  });

  test('keep a policy without its statement on s3:if-none-match, which would deny every write', async () => {
    const { s3 } = emulator();
    const Bucket = uniqueName('bucket');
    const writeOnce = {
      Effect: 'Deny',
      Principal: '*',
      Action: 's3:PutObject',
      Resource: `arn:aws:s3:::${Bucket}/*`,
      Condition: { Null: { 's3:if-none-match': 'true' } },
    };
    const template = {
      Resources: {
        Bucket: { Type: 'AWS::S3::Bucket', Properties: { BucketName: Bucket } },
        Policy: {
          Type: 'AWS::S3::BucketPolicy',
          Properties: {
            Bucket: { Ref: 'Bucket' },
            PolicyDocument: { Version: '2012-10-17', Statement: [writeOnce] },
          },
        },
      },
    };
    const StackName = await deploy(template);

    await s3.putObject({ Bucket, Key: 'a', Body: 'a', IfNoneMatch: '*' });
    expect(JSON.parse((await emulator().cloudformation.getTemplate({ StackName })).TemplateBody!)).toEqual(
      template,
    );

    await s3.putBucketPolicy({
      Bucket,
      Policy: JSON.stringify({ Version: '2012-10-17', Statement: [writeOnce] }),
    }); // past the rewrite: the gap
    await expect(s3.putObject({ Bucket, Key: 'b', Body: 'b', IfNoneMatch: '*' })).rejects.toThrow(
      /not authorized|Access Denied/i,
    );
  });
});

describe('templates', () => {
  test('with types that MiniStack refuses deploy with stand-ins, and come back as they were', async () => {
    const template = {
      Resources: {
        Archive: {
          Type: 'AWS::Events::Archive',
          Metadata: { kept: 'yes' },
          Properties: {
            SourceArn: 'arn:aws:events:us-east-1:000000000000:event-bus/default',
            Description: 'a < b & c',
          },
        },
        Parameter: { Type: 'AWS::SSM::Parameter', Properties: { Type: 'String', Value: 'x' } },
      },
    };
    const StackName = await deploy(template);

    expect(JSON.parse((await emulator().cloudformation.getTemplate({ StackName })).TemplateBody!)).toEqual(
      template,
    );
    await expect(
      miniStack().cloudformation.createStack({
        StackName: uniqueName('stack'),
        TemplateBody: JSON.stringify(template),
      }),
    ).rejects.toThrow(/Unrecognized resource types/); // the gap
  });

  test('with the name of a repository that another owns are refused, and MiniStack takes the repository', async () => {
    const repositoryName = uniqueName('taken');
    const template = {
      Resources: { Mine: { Type: 'AWS::ECR::Repository', Properties: { RepositoryName: repositoryName } } },
    };
    await emulator().ecr.createRepository({ repositoryName });

    await expect(deploy(template)).rejects.toThrow(
      `Resource of type 'AWS::ECR::Repository' with identifier '${repositoryName}' already exists.`,
    );
    await emulator().ecr.deleteRepository({ repositoryName });
    const StackName = await deploy(template);
    const Bucket = uniqueName('templates');
    await emulator().s3.createBucket({ Bucket });
    const Body = JSON.stringify({ ...template, Description: 'an update' });
    await emulator().s3.putObject({ Bucket, Key: 'template.json', Body });
    const TemplateURL = `${emulator().endpoint}/${Bucket}/template.json`;
    // the repository is its own by now
    await emulator().cloudformation.updateStack({ StackName, TemplateURL });
    await miniStack().cloudformation.createStack({
      StackName: uniqueName('stack'),
      TemplateBody: JSON.stringify(template),
    }); // the gap
  });
});
