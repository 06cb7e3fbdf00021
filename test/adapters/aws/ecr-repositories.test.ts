import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ECRClient, ECRServiceException } from '@aws-sdk/client-ecr';
import { EcrRepositories } from '../../../adapters/aws/ecr-repositories';

const gone = new EcrRepositories({
  send: async () => {
    throw new ECRServiceException({ name: 'RepositoryNotFoundException', $fault: 'client', $metadata: {} });
  },
} as unknown as ECRClient);

test('a repository that was deleted meanwhile has no tags and no image', async () => {
  expect(await gone.tags('arn:aws:ecr:us-east-1:000000000000:repository/team/app')).toEqual({});
  expect(await gone.pushedAt('team/app', { imageTag: 'v1' })).toBeUndefined();
  expect(await gone.digestOf({ account: '000000000000', repository: 'team/app' }, 'v1')).toBeUndefined();
});

test('images and repositories are listed in pages as long as ECR makes them', async () => {
  const asked: { target: string; body: Record<string, unknown> }[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request
      .on('data', chunk => {
        text += chunk;
      })
      .on('end', () => {
        const body = JSON.parse(text) as Record<string, unknown>;
        const target = String(request.headers['x-amz-target']).split('.')[1]!;
        asked.push({ target, body });
        const page = body.nextToken === undefined ? { nextToken: 'more' } : {};
        response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' }).end(
          JSON.stringify({
            ...page,
            imageDetails: [{ imageDigest: `sha256:${asked.length}` }],
            repositories: [{ repositoryName: `team/${asked.length}` }],
          }),
        );
      });
  });
  await new Promise<void>(ready => server.listen(0, '127.0.0.1', ready));
  try {
    const ecr = new EcrRepositories(
      new ECRClient({
        endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        region: 'eu-west-1',
        credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
      }),
    );
    const found: string[] = [];
    for await (const { digest } of ecr.images({ repository: 'team/app' })) found.push(digest);
    for await (const { name } of ecr.repositories()) found.push(name);
    expect(found).toEqual(['sha256:1', 'sha256:2', 'team/3', 'team/4']);
  } finally {
    await new Promise(done => server.close(done));
  }
  expect(asked).toEqual([
    { target: 'DescribeImages', body: { repositoryName: 'team/app', maxResults: 1000 } },
    { target: 'DescribeImages', body: { repositoryName: 'team/app', maxResults: 1000, nextToken: 'more' } },
    { target: 'DescribeRepositories', body: { maxResults: 1000 } },
    { target: 'DescribeRepositories', body: { maxResults: 1000, nextToken: 'more' } },
  ]);
});
