import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CloudFormationTemplate } from '../support/quickstart';
import { FAST } from '../support/synthesise';

const HERE = 'arn:aws:%s:us-east-1:111122223333:';
const arn = (service: string, resource: string) => `${HERE.replace('%s', service)}${resource}`;

/** What the apps read of their environment, as their tests give it. */
const ENVIRONMENT = {
  POLICIES: 'ALL',
  TRUST: JSON.stringify({
    registerTableArn: arn('dynamodb', 'table/register'),
    policiesTableArn: arn('dynamodb', 'table/policies'),
    scanRequestsQueueArn: arn('sqs', 'requests'),
    grantsTableArn: arn('dynamodb', 'table/grants'),
    grantMessagesQueueArn: arn('sqs', 'grants'),
    grantMessagesQueueUrl: 'https://sqs.us-east-1.amazonaws.com/111122223333/grants',
    evidenceBucketName: 'evidence',
    keyArn: arn('kms', 'key/11111111-2222-3333-4444-555555555555'),
  }),
};

/** Each construct of the package is in one of them at least. */
const APPS = [
  'examples/quickstart',
  'examples/platform',
  'examples/existing-registry',
  'examples/team-typescript',
  'test/e2e/apps/gates',
  'test/e2e/apps/lifecycle',
  'test/e2e/apps/pull-through',
  'test/e2e/apps/rego',
];

/**
 * The templates of the apps, by the names of their stacks. Each app makes its own at the end of its process,
 * as for `cdk synth`: here that end is called.
 */
export function templatesOfApps(): Readonly<Record<string, CloudFormationTemplate>> {
  const folder = mkdtempSync(join(tmpdir(), 'apps-'));
  const before = { ...process.env };
  try {
    return Object.assign({}, ...APPS.map((app, at) => templatesOf(app, join(folder, String(at)))));
  } finally {
    process.env = before;
    rmSync(folder, { recursive: true });
  }
}

function templatesOf(app: string, folder: string): Record<string, CloudFormationTemplate> {
  Object.assign(process.env, ENVIRONMENT, {
    CDK_OUTDIR: folder,
    CDK_CONTEXT_JSON: JSON.stringify({ ...FAST, scanner: `sha256:${'a'.repeat(64)}` }),
  });
  const ends: (() => void)[] = [];
  const once = jest.spyOn(process, 'once').mockImplementation((event, end) => {
    if (event === 'beforeExit') ends.push(end as () => void);
    return process;
  });
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    require(join(__dirname, '..', '..', app, 'app'));
    for (const end of ends) end();
  } finally {
    once.mockRestore();
  }
  const files = readdirSync(folder).filter(file => file.endsWith('.template.json'));
  if (files.length === 0) throw new Error(`${app} made no template`);
  return Object.fromEntries(
    files.map(file => [
      file.replace('.template.json', ''),
      JSON.parse(readFileSync(join(folder, file), 'utf8')),
    ]),
  );
}
