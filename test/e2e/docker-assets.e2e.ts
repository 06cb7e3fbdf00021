import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cloud } from './cloud';
import { destroy } from './cloud-fixtures';
import { onlyEmulated } from './only-emulated';
import { bootstrap, cdk } from '../../local/cloud/cdk';
import { LAYOUT_FOLDER } from '../../local/docker/docker-stand-in';
import { standInDocker } from '../../local/docker/environment';
import { writeLayout } from '../../local/images/layout';
import { zooImage } from '../../local/images/zoo/zoo';

onlyEmulated('a stand-in takes the place of Docker, and pushes to loopback only');

const cwd = join(__dirname, 'apps', 'docker-asset');
let folder: string;

beforeAll(() => bootstrap(cloud()));
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'docker-asset-'));
  // the CDK asks for one, and the stand-in does not read it
  writeFileSync(join(folder, 'Dockerfile'), 'FROM scratch\n');
});
afterEach(() => rmSync(folder, { recursive: true }));

function deploy(): Promise<string> {
  return cdk(cloud(), ['deploy', '--require-approval=never'], {
    cwd,
    environment: { ...standInDocker(join(folder, 'state')), ASSET_FOLDER: folder },
  });
}

test('an image asset is deployed without Docker: the repository of the bootstrap stack has the index of the layout, byte for byte', async () => {
  const index = await zooImage('clean-and-vulnerable');
  await writeLayout(join(folder, LAYOUT_FOLDER), index);

  await deploy();

  const { Stacks } = await cloud().cloudformation.describeStacks({ StackName: 'DockerAsset' });
  const imageUri = Stacks![0]!.Outputs!.find(({ OutputKey }) => OutputKey === 'ImageUri')!.OutputValue!;
  const [, repositoryName, imageTag] = /\/([^:]+):(.+)$/.exec(imageUri)!;
  const { images } = await cloud().ecr.batchGetImage({ repositoryName, imageIds: [{ imageTag }] });
  expect(repositoryName).toBe(`cdk-hnb659fds-container-assets-${cloud().account}-${cloud().region}`);
  expect(images).toMatchObject([
    { imageId: { imageDigest: index.descriptor.digest }, imageManifest: index.bytes.toString() },
  ]);
  const imageIds = index.children.map(child => ({ imageDigest: child.descriptor.digest }));
  const { images: children } = await cloud().ecr.batchGetImage({ repositoryName, imageIds });
  expect(children!.map(child => child.imageManifest).sort()).toEqual(
    index.children.map(child => child.bytes.toString()).sort(),
  );
  await destroy('DockerAsset');
});

test('an image asset without a layout is refused with what is missing', async () => {
  await expect(deploy()).rejects.toThrow(
    /this stand-in builds nothing, and .* has no image: put an OCI layout into/,
  );
});
