import { CodeBuildClient } from '@aws-sdk/client-codebuild';
import { ECRClient } from '@aws-sdk/client-ecr';
import { KMSClient } from '@aws-sdk/client-kms';
import { CodeBuildScans } from '../../adapters/aws/codebuild-scans';
import { EcrArchive } from '../../adapters/aws/ecr-archive';
import { EcrRegistry } from '../../adapters/aws/ecr-registry';
import { KmsSigner } from '../../adapters/aws/kms-signer';
import { ensureAwsData, type AwsData, type AwsRequest } from '../../local/tools/aws-data';
import { IMAGE, scanId } from '../core/support/made';

const MINUTES = 5 * 60_000; // for the first time, in which botocore is installed
const KEY = 'arn:aws:kms:us-east-1:000000000000:key/11111111-2222-3333-4444-555555555555';
const DIGEST = `sha256:${'a'.repeat(64)}`;

/** Of every client of the SDK. */
type Middleware = (
  next: unknown,
  context: { readonly commandName?: string },
) => (asked: { readonly input: object }) => Promise<object>;
interface Middlewares {
  add(middleware: Middleware, options: { step: 'initialize'; priority: 'high' }): void;
}

let data: AwsData;
beforeAll(async () => {
  data = await ensureAwsData(line => process.stderr.write(`${line}\n`));
}, MINUTES);

/** What the adapters ask, call for call: each client answers what it is told, and nothing leaves it. */
async function asked(): Promise<AwsRequest[]> {
  const requests: AwsRequest[] = [];
  const answers: Readonly<Record<string, object>> = {
    StartBuild: { build: { id: 'scans:1' } },
    Sign: { Signature: new Uint8Array(70) },
    InitiateLayerUpload: { uploadId: '11111111-2222-3333-4444-555555555555', partSize: 20_971_520 },
    GetDownloadUrlForLayer: { downloadUrl: 'data:,blob' },
  };
  const recorded = <C extends ECRClient | KMSClient | CodeBuildClient>(service: string, client: C): C => {
    const answer: Middleware =
      (_, { commandName }) =>
      async ({ input }) => {
        const operation = commandName!.replace(/Command$/, '');
        requests.push({ service, operation, input: JSON.parse(JSON.stringify(input, inBase64)) as object });
        return { output: { $metadata: {}, ...answers[operation] }, response: {} };
      };
    (client.middlewareStack as unknown as Middlewares).add(answer, { step: 'initialize', priority: 'high' });
    return client;
  };
  const where = { region: 'us-east-1' };

  const scans = new CodeBuildScans('scans', 'evidence', recorded('codebuild', new CodeBuildClient(where)));
  await scans.start({ scanId: scanId(1), image: IMAGE, reference: 'reference' });
  await scans.get('scans:1');

  await new KmsSigner(KEY, recorded('kms', new KMSClient(where))).sign(Buffer.from('what is signed'));

  const ecr = recorded('ecr', new ECRClient(where));
  const archive = new EcrArchive(ecr);
  await archive.look(IMAGE);
  await archive.archive(IMAGE);
  await archive.restore(IMAGE);

  const registry = new EcrRegistry({ account: '000000000000', repository: 'team/app' } as never, ecr);
  for await (const each of registry.referrers(DIGEST)) throw new Error(`no such referrer: ${each.digest}`);
  await registry.push({
    manifest: '{}',
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    blobs: ['{}'],
    tag: `${DIGEST.replace(':', '-')}.sig`,
  } as never);
  await registry.find({ imageDigest: DIGEST }, 1000);
  await registry.blob(DIGEST, 1000);
  await registry.remove([DIGEST]);
  return requests;
}

/** As JSON carries bytes to AWS. */
function inBase64(this: any, key: string, value: unknown): unknown {
  const raw: unknown = this[key];
  return raw instanceof Uint8Array ? Buffer.from(raw).toString('base64') : value;
}

test('requests of builds, signatures and images are as the models of their services say', async () => {
  const requests = await asked();
  expect([...new Set(requests.map(({ operation }) => operation))].sort()).toEqual([
    'BatchCheckLayerAvailability',
    'BatchDeleteImage',
    'BatchGetBuilds',
    'BatchGetImage',
    'CompleteLayerUpload',
    'DescribeImages',
    'GetDownloadUrlForLayer',
    'InitiateLayerUpload',
    'ListImageReferrers',
    'PutImage',
    'Sign',
    'StartBuild',
    'UpdateImageStorageClass',
    'UploadLayerPart',
  ]);
  const mistakes = await data.mistakesOfRequests(requests);
  expect(mistakes.flatMap((each, at) => each.map(text => `${requests[at]!.operation}: ${text}`))).toEqual([]);
});

const PLANTED: readonly (readonly [string, Record<string, unknown>, RegExp])[] = [
  [
    'a parameter that the call does not have',
    { SigningAlgorithms: 'ECDSA_SHA_256' },
    /^the request has SigningAlgorithms, allowed: KeyId, /,
  ],
  ['a property of another type', { Message: 7 }, /^Message is 7, allowed: blob$/],
  [
    'a value that is not in the list',
    { MessageType: 'HASH' },
    /^MessageType is 'HASH', allowed: RAW, DIGEST/,
  ],
  ['no value where one is needed', { KeyId: undefined }, /^the request has no KeyId$/],
];

test('requests with a mistake are found', async () => {
  const sign = { KeyId: KEY, Message: 'YQ==', MessageType: 'DIGEST', SigningAlgorithm: 'ECDSA_SHA_256' };
  const inputs = [sign, ...PLANTED.map(([, changes]) => ({ ...sign, ...changes }))];
  const [sound, ...planted] = await data.mistakesOfRequests(
    inputs.map(input => ({ service: 'kms', operation: 'Sign', input })),
  );
  expect(sound).toEqual([]);
  expect(PLANTED.map(([what], at) => [what, planted[at]])).toEqual(
    PLANTED.map(([what, , mistake]) => [what, [expect.stringMatching(mistake)]]),
  );
});
