import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cloud } from './cloud';
import { onlyEmulated } from './only-emulated';
import { push, quickstart } from './quickstart';
import { cdk } from '../../local/cloud/cdk';
import { ROOT } from '../docs/markdown';
import { pythonWithPackage } from '../newcomer/python';

onlyEmulated('the example names its stacks and repositories itself, which an account may have already');

let folder: string;
let app: string;
let environment: Record<string, string>;

beforeAll(async () => {
  await quickstart(); // for the databases of Trivy, which it serves
  folder = mkdtempSync(join(tmpdir(), 'python-'));
  app = join(folder, 'app');
  cpSync(join(ROOT, 'examples', 'quickstart-python'), app, { recursive: true });
  environment = await pythonWithPackage(folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (...args: string[]) => cdk(cloud(), args, { cwd: app, environment });
const deploy = (stack: string, tag = 'v1') =>
  run('deploy', stack, '--exclusively', '--require-approval=never', '--context', `tag=${tag}`);

test('an app in Python is deployed from the wheel: a vulnerable image is refused, a clean one runs', async () => {
  await deploy('PythonImages');
  await push('python/web', 'fixable-critical', 'v1');
  await expect(deploy('PythonService')).rejects.toThrow(
    /is refused: it does not pass policy[^]*CVE-2021-44906/,
  );

  const fixed = await push('python/web', 'clean', 'v2');
  await deploy('PythonService', 'v2');
  const { StackResources = [] } = await cloud().cloudformation.describeStackResources({
    StackName: 'PythonService',
  });
  const { PhysicalResourceId: FunctionName } = StackResources.find(({ LogicalResourceId }) =>
    /^Function[0-9A-F]{8}$/.test(LogicalResourceId!),
  )!;
  const { Code } = await cloud().lambda.getFunction({ FunctionName: FunctionName! });
  expect(Code!.ImageUri).toMatch(new RegExp(`/python/web@${fixed}$`));

  await run('destroy', 'PythonService', 'PythonImages', '--force');
});
