import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { App, Stack } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { ACCEPTED } from './accepted';
import { ensureTemplateCheckers, type TemplateFinding } from '../../local/tools/template-checkers';
import { NagFindings } from '../../src';
import { everyConstruct } from '../support/every-construct';
import { quickstartApp, stacksOf } from '../support/quickstart';

const MINUTES = 5 * 60_000; // for the first time, in which the checkers are installed

let findings: Readonly<Record<string, TemplateFinding[]>> = {};

beforeAll(async () => {
  const { cfnLint, checkov } = await ensureTemplateCheckers(line => process.stderr.write(`${line}\n`));
  const apps = {
    quickstart: quickstartApp(),
    everything: everyConstruct({ inNetwork: false }),
    inNetwork: everyConstruct({ inNetwork: true }),
  };
  const folder = mkdtempSync(join(tmpdir(), 'templates-'));
  try {
    const files = Object.entries(apps).flatMap(([name, app]) => filesOf(app, join(folder, name)));
    findings = {
      'cfn-lint': await cfnLint(files),
      checkov: await checkov(files),
      'cdk-nag': Object.values(apps).flatMap(app => stacksOf(app).flatMap(cdkNag)),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}, MINUTES);

function filesOf(app: App, prefix: string): string[] {
  NagFindings.acknowledge(app);
  return app.synth().stacks.map(({ stackName, template }) => {
    const file = `${prefix}-${stackName}.json`;
    writeFileSync(file, JSON.stringify(template));
    return file;
  });
}

function cdkNag(stack: Stack): TemplateFinding[] {
  const { violations } = new AwsSolutionsChecks(stack).validateScope(stack);
  return violations.flatMap(({ ruleName, description, violatingResources }) =>
    violatingResources.map(({ constructPath }) => ({
      rule: ruleName,
      resource: constructPath ?? '',
      message: description,
    })),
  );
}

const accepts = ({ rule, on }: (typeof ACCEPTED)[number], finding: TemplateFinding) =>
  rule.test(finding.rule) && (on === undefined || on.test(finding.resource));

test.each(['cfn-lint', 'checkov', 'cdk-nag'])('%s finds only what is accepted', checker => {
  const refused = findings[checker]!.filter(finding => !ACCEPTED.some(each => accepts(each, finding)));
  expect(refused.map(({ rule, resource, message }) => `${rule} ${resource}: ${message}`)).toEqual([]);
});

test('nothing is accepted that is not found', () => {
  const found = Object.values(findings).flat();
  expect(ACCEPTED.filter(each => !found.some(finding => accepts(each, finding)))).toEqual([]);
});

test.each([
  ['cfn-lint', 'W3005'],
  ['checkov', 'CKV_AWS_27'],
  [
    'cdk-nag',
    'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]',
  ],
])('%s was run: it finds %s', (checker, rule) => {
  expect(findings[checker]!.map(each => each.rule)).toContain(rule);
});
