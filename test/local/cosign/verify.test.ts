import { existsSync } from 'node:fs';
import { EmbeddedCloud } from '../../../local/cloud/description';
import { CosignQuestion, cosignVerify } from '../../../local/cosign/verify';
import { CommandOptions, Finished, NOT_FOUND } from '../../../local/tools/command';

const DIGEST = `sha256:${'a'.repeat(64)}`;
const cloud: EmbeddedCloud = {
  endpoint: 'http://127.0.0.1:4870',
  registryHost: '127.0.0.1:4870',
  account: '000000000000',
  region: 'us-east-1',
  credentials: { accessKeyId: 'AKIA0123456789ABCDEF', secretAccessKey: 'secret' },
  token: 'token',
  logFile: '/cloud/cloud.log',
  toolsFolder: '/cloud/tools',
  socketPath: '/cloud/socket',
};
const question: CosignQuestion = {
  cosign: '/tools/cosign',
  image: { repository: 'team/app', digest: DIGEST },
  key: 'awskms:///alias/image-signing',
  cloud,
};

const ends = (finished: Partial<Finished>) =>
  jest.fn((_program: string, _args: readonly string[], _options?: CommandOptions) =>
    Promise.resolve({ code: 0, stdout: '', stderr: '', ...finished }),
  );
const environmentOf = (runner: ReturnType<typeof ends>) => runner.mock.calls[0][2]!.environment!;

test('accepts what cosign accepts, and gives the claims', async () => {
  expect(await cosignVerify(question, ends({ stdout: '[{"optional":null}]\n' }))).toEqual({
    accepted: true,
    output: '[{"optional":null}]',
  });
});

test('refuses what cosign refuses, and says why', async () => {
  expect(await cosignVerify(question, ends({ code: 10, stderr: 'Error: no signatures found\n' }))).toEqual({
    accepted: false,
    output: 'no signatures found',
  });
});

test('asks by digest, in the registry of the cloud', async () => {
  const runner = ends({});
  await cosignVerify(question, runner);

  expect(runner).toHaveBeenCalledWith(
    '/tools/cosign',
    [
      'verify',
      '--key',
      'awskms:///alias/image-signing',
      '--insecure-ignore-tlog=true',
      `127.0.0.1:4870/team/app@${DIGEST}`,
    ],
    expect.anything(),
  );
});

test('annotations are asked for one by one', async () => {
  const runner = ends({});
  await cosignVerify({ ...question, annotations: { verdict: 'PASS', repository: 'host/team/app' } }, runner);

  expect(runner.mock.calls[0][1].slice(4, -1)).toEqual([
    '-a',
    'verdict=PASS',
    '-a',
    'repository=host/team/app',
  ]);
});

test('cosign knows the cloud, and nothing of this machine', async () => {
  const runner = ends({});
  await cosignVerify(question, runner);

  expect(environmentOf(runner)).toEqual({
    AWS_ENDPOINT_URL: cloud.endpoint,
    AWS_ACCESS_KEY_ID: 'AKIA0123456789ABCDEF',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_REGION: 'us-east-1',
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_EC2_METADATA_DISABLED: 'true',
    HOME: expect.stringContaining('cosign-') as string,
    TMPDIR: environmentOf(runner).HOME,
    HTTP_PROXY: 'http://127.0.0.1:9',
    HTTPS_PROXY: 'http://127.0.0.1:9',
  });
});

test('the home exists while cosign runs, and is gone afterwards, also after a failure', async () => {
  let home = '';
  const runner = (_program: string, _args: readonly string[], options?: CommandOptions) => {
    home = options!.environment!.HOME!;
    return Promise.reject(new Error(`home ${existsSync(home) ? 'exists' : 'is missing'}`));
  };

  await expect(cosignVerify(question, runner)).rejects.toThrow('home exists');
  expect(existsSync(home)).toBe(false);
});

test.each([
  [
    'there is no cosign',
    NOT_FOUND,
    'spawn /tools/cosign ENOENT',
    'there is no cosign at /tools/cosign; ensureCosign gives the path of one',
  ],
  [
    'the cloud is down',
    1,
    'Error: dial tcp 127.0.0.1:4870: connect: connection refused',
    '; see whether the cloud at http://127.0.0.1:4870 is still up',
  ],
  [
    'KMS gives no key',
    12,
    'Error: no matching signatures: operation error KMS: GetPublicKey, api error AccessDenied',
    'may call kms:GetPublicKey and kms:DescribeKey',
  ],
  [
    'the key is no key',
    1,
    'Error: loading public key: PEM decoding failed',
    '; see whether awskms:///alias/image-signing is the file of a public key',
  ],
  [
    'it wants the internet',
    1,
    'Error: proxyconnect tcp: dial tcp 127.0.0.1:9: connect: connection refused',
    'it asked for something outside of this machine',
  ],
  [
    'it fails otherwise',
    1,
    'Error: something else',
    `cosign gave no answer about 127.0.0.1:4870/team/app@${DIGEST}, and ended with 1: something else; see /cloud/cloud.log`,
  ],
])('fails with a remedy when %s', async (_, code, stderr, message) => {
  await expect(cosignVerify(question, ends({ code, stderr }))).rejects.toThrow(message);
});
