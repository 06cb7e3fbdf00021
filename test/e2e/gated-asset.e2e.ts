import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cloud } from './cloud';
import { destroy } from './cloud-fixtures';
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
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gated-asset-'));
  writeFileSync(join(folder, 'Dockerfile'), 'FROM scratch\n');
});
afterAll(() => rmSync(folder, { recursive: true }));

async function deploy(image: ZooName, audit = false): Promise<void> {
  rmSync(join(folder, LAYOUT_FOLDER), { recursive: true, force: true });
  await writeLayout(join(folder, LAYOUT_FOLDER), await zooImage(image));
  await cdk(cloud(), ['deploy', '--require-approval=never'], {
    cwd,
    environment: {
      ...standInDocker(join(folder, 'state')),
      ASSET_FOLDER: folder,
      AUDIT: audit ? '1' : '0',
    },
  });
}

async function output(name: string): Promise<string> {
  const { Stacks } = await cloud().cloudformation.describeStacks({ StackName: STACK });
  return Stacks![0]!.Outputs!.find(({ OutputKey }) => OutputKey === name)!.OutputValue!;
}

/** The image of what the service and the schedule of the stack run. */
async function runs(): Promise<{ service: string; schedule: string }> {
  const { ecs, events } = cloud();
  const [cluster, service, Rule] = await Promise.all(
    ['ClusterArn', 'ServiceArn', 'RuleName'].map(name => output(name)),
  );
  const { services } = await ecs.describeServices({ cluster, services: [service!] });
  const { Targets } = await events.listTargetsByRule({ Rule });
  const imageOf = async (taskDefinition?: string) => {
    const described = await ecs.describeTaskDefinition({ taskDefinition });
    return described.taskDefinition!.containerDefinitions![0]!.image!;
  };
  return {
    service: await imageOf(services![0]!.taskDefinition),
    schedule: await imageOf(Targets![0]!.EcsParameters!.TaskDefinitionArn),
  };
}

test("an image asset is scanned, signed and deployed by digest in the stack's first deployment", async () => {
  await deploy('clean');
  const { descriptor } = await zooImage('clean');
  const uri = await output('ImageUri');
  expect(uri).toMatch(new RegExp(`/cdk-hnb659fds-container-assets-[^:]+@${descriptor.digest}$`));
  expect(await runs()).toEqual({ service: uri, schedule: uri });
});

test('TrustedImage refuses a service of Amazon ECS, by a stack, and TrustedImage refuses a scheduled task, by a stack: both keep what they had', async () => {
  const uri = await output('ImageUri');
  await expect(deploy('fixable-critical')).rejects.toThrow(
    /is refused: it does not pass policy[^]*CVE-2021-44906/,
  );
  expect(await output('ImageUri')).toBe(uri);
  expect(await runs()).toEqual({ service: uri, schedule: uri });
});

test('a gate that just watches deploys a vulnerable image, and the team is told', async () => {
  const alerts = await listen({ topicArn: await output('AlertsTopicArn') });
  await deploy('fixable-critical', true);
  const { descriptor: vulnerable } = await zooImage('fixable-critical');
  expect(await output('ImageUri')).toContain(vulnerable.digest);
  expect((await runs()).service).toContain(vulnerable.digest);
  const alert = await alerts.until(body => body.includes('deployed without trust'));
  expect(alert).toContain('its gate only audits (Enforcement.audit)');
  expect(alert).toContain('CVE-2021-44906');
});

test('destroy is clean', async () => {
  await expect(destroy(STACK)).resolves.toBeUndefined();
});
