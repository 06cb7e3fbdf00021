import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deployPolicy, UNNEEDED, type DeployPolicy } from './deploy-policy';
import { ensureTemplateCheckers } from '../../local/tools/template-checkers';
import { quickstartTemplates } from '../support/quickstart';

const MINUTES = 5 * 60_000; // for the first time, in which the checkers are installed
/** The largest document that a managed policy of IAM takes, without its spaces. */
const LARGEST = 6144;

const templates = Object.values(quickstartTemplates());
let policy: DeployPolicy;

beforeAll(async () => {
  const checkers = await ensureTemplateCheckers(line => process.stderr.write(`${line}\n`));
  policy = await deployPolicy(templates, checkers);
}, MINUTES);

const allowed = () => policy.document.Statement.flatMap(({ Action }) => Action);

test('docs/deploy-policy.json is what the templates need: npm run docs:deploy-policy', () => {
  const file = join(__dirname, '..', '..', 'docs', 'deploy-policy.json');
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(policy.document);
});

test('every type of the templates has its actions in it', () => {
  const types = new Set(
    templates.flatMap(({ Resources }) => Object.values(Resources).map(({ Type }) => Type)),
  );
  expect(Object.keys(policy.actions).sort()).toEqual([...types].sort());
  for (const actions of Object.values(policy.actions)) {
    expect(actions).not.toHaveLength(0);
    expect(allowed()).toEqual(expect.arrayContaining([...actions]));
  }
});

test('it has no action that no type needs', () => {
  const ofTypes = Object.values(policy.actions).flat();
  expect(allowed().filter(action => !ofTypes.includes(action))).toEqual([
    'cloudformation:DescribeStacks', // what gates read in another stack
    'ssm:GetParameters', // the version of CDK's bootstrap
  ]);
});

test('every type can be made and deleted', () => {
  const aws = Object.entries(policy.actions).filter(([type]) => type.startsWith('AWS::'));
  for (const verbs of [/:(?:Create|Put|Add|Set|Register)/, /:(?:Delete|Remove|Schedule|Set|Deregister)/]) {
    const without = aws.filter(([, actions]) => !actions.some(action => verbs.test(action)));
    expect(without.map(([type]) => type)).toEqual([]);
  }
});

test.each(UNNEEDED)('AWS names actions that are not needed: $why', ({ action, of }) => {
  const named = Object.entries(policy.named).filter(([type]) => of.test(type));
  expect(named.flatMap(([, actions]) => actions).filter(each => action.test(each))).not.toHaveLength(0);
});

test('roles can be passed only to the services that the templates name', () => {
  const pass = policy.document.Statement.filter(({ Action }) => Action.includes('iam:PassRole'));
  expect(pass).toEqual([
    expect.objectContaining({
      Action: ['iam:PassRole'],
      Resource: 'arn:aws:iam::*:role/STACK-*',
      Condition: {
        StringEquals: { 'iam:PassedToService': ['codebuild.amazonaws.com', 'lambda.amazonaws.com'] },
      },
    }),
  ]);
});

test('it fits into one managed policy', () => {
  expect(JSON.stringify(policy.document).length).toBeLessThan(LARGEST);
});
