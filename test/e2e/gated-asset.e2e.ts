import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cloud } from './cloud';
import { onlyEmulated } from './only-emulated';
import { listen, quickstart } from './quickstart';
import { cdk } from '../../local/cloud/cdk';
import { LAYOUT_FOLDER } from '../../local/docker/docker-stand-in';
import { standInDocker } from '../../local/docker/environment';
import { writeLayout } from '../../local/images/layout';
import { zooImage, type ZooName } from '../../local/images/zoo/zoo';

onlyEmulated('a stand-in takes the place of Docker, and pushes to loopback only');

const cwd = join(__dirname, 'apps', 'gated-asset');
const STACK = 'GatedAsset';
let folder: string;

beforeAll(quickstart); // for the databases of Trivy, which it serves
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gated-asset-'));
  writeFileSync(join(folder, 'Dockerfile'), 'FROM scratch\n');
});
afterEach(() => rmSync(folder, { recursive: true }));

async function deploy(image: ZooName, audit = false): Promise<void> {
  rmSync(join(folder, LAYOUT_FOLDER), { recursive: true, force: true });
  await writeLayout(join(folder, LAYOUT_FOLDER), await zooImage(image));
  await run({ AUDIT: audit ? '1' : '0' }, 'deploy', '--require-approval=never');
}

async function run(environment: Record<string, string>, ...args: string[]): Promise<void> {
  await cdk(cloud(), args, {
    cwd,
    environment: { ...standInDocker(join(folder, 'state')), ASSET_FOLDER: folder, ...environment },
  });
}

async function output(name: string): Promise<string> {
  const { Stacks } = await cloud().cloudformation.describeStacks({ StackName: STACK });
  return Stacks![0]!.Outputs!.find(({ OutputKey }) => OutputKey === name)!.OutputValue!;
}

test("an image asset is scanned, signed and deployed by digest in the stack's first deployment; a vulnerable one only where the gate just watches", async () => {
  await deploy('clean');
  const { descriptor } = await zooImage('clean');
  const uri = await output('ImageUri');
  expect(uri).toMatch(new RegExp(`/cdk-hnb659fds-container-assets-[^:]+@${descriptor.digest}$`));

  await expect(deploy('fixable-critical')).rejects.toThrow(
    /is refused: it does not pass policy[^]*CVE-2021-44906/,
  );
  expect(await output('ImageUri')).toBe(uri);

  const alerts = await listen({ topicArn: await output('AlertsTopicArn') });
  await deploy('fixable-critical', true);
  const { descriptor: vulnerable } = await zooImage('fixable-critical');
  expect(await output('ImageUri')).toContain(vulnerable.digest);
  const alert = await alerts.until(body => body.includes('deployed without trust'));
  expect(alert).toContain('its gate only audits (Enforcement.audit)');
  expect(alert).toContain('CVE-2021-44906');

  await run({}, 'destroy', '--force');
  const { Stacks = [] } = await cloud().cloudformation.describeStacks({});
  expect(Stacks.map(({ StackName }) => StackName)).not.toContain(STACK);
});
