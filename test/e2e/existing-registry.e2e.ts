import { join } from 'node:path';
import { cloud } from './cloud';
import { destroy } from './cloud-fixtures';
import { onlyEmulated } from './only-emulated';
import { listen, push, quickstart } from './quickstart';
import { cdk } from '../../local/cloud/cdk';
import { ROOT } from '../docs/markdown';

onlyEmulated('the example names its stacks and repositories itself, which an account may have already');

const cwd = join(ROOT, 'examples', 'existing-registry');

beforeAll(quickstart); // for the databases of Trivy, which it serves

test('what is in the registry already is deployed in audit, and the team learns what would be refused', async () => {
  await cloud().ecr.createRepository({ repositoryName: 'existing/shop' });
  const live = await push('existing/shop', 'fixable-critical', 'live'); // nobody listens yet

  await cdk(cloud(), ['deploy', 'ExistingRegistry', '--require-approval=never'], { cwd });
  const { Stacks } = await cloud().cloudformation.describeStacks({ StackName: 'ExistingRegistry' });
  const alerts = await listen({
    topicArn: Stacks![0]!.Outputs!.find(({ OutputKey }) => OutputKey === 'AlertsTopicArn')!.OutputValue!,
  });
  await cdk(cloud(), ['deploy', 'ExistingService', '--exclusively', '--require-approval=never'], { cwd });

  const alert = await alerts.until(body => body.includes('deployed without trust'));
  expect(alert).toContain('its gate only audits (Enforcement.audit)');
  expect(alert).toContain(live);
  expect(alert).toContain('CVE-2021-44906');

  await destroy('ExistingService');
  await destroy('ExistingRegistry');
});
