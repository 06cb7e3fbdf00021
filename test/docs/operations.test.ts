import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import type { IConstruct } from 'constructs';
import { anchorsOf, blocksOf, page, ROOT, rowsOf } from './markdown';
import {
  ImageArchive,
  ImagePolicy,
  ImageTrust,
  PolicyRule,
  RegoSource,
  RepositorySelector,
  RevocationBrake,
  RevocationWatcher,
  RunWatcher,
  SecurityHubFindings,
  SignatureWithdrawal,
} from '../../src';
import { MetricName } from '../../src/core/environment';
import { readWaivers } from '../../src/core/waivers/read-waivers';
import { Runbook } from '../../src/queues/runbook';
import { tagged, WITH_BREAK_GLASS } from '../gates/gated-stack';
import { trustStack } from '../support/synthesise';

const text = page('docs/operations.md');

/**
 * Some are there only where files of Rego may change without a deployment, one where an image is gated, and
 * one where other apps import the trust.
 */
function everyAlarm() {
  const { stack, trust } = trustStack({ ...WITH_BREAK_GLASS, publishedAs: 'platform' });
  const rego = PolicyRule.rego(RegoSource.fromBucket(new Bucket(stack, 'Rules'), 'policies/'));
  const withRego = new ImageTrust(stack, 'WithRego', {
    gate: { gateName: 'WithRego' },
    repositories: [RepositorySelector.all()],
    policy: ImagePolicy.standard().plus(rego),
    revocationBrake: RevocationBrake.above(20),
  });
  tagged(stack, trust);
  const { events, register, alerts, signer } = trust;
  const extras = [
    new RunWatcher(stack, 'Watcher', { trust }),
    new RevocationWatcher(stack, 'Revocations', { events, register, alerts }),
    new SecurityHubFindings(stack, 'Hub', { events, register, alerts }),
    new SignatureWithdrawal(stack, 'Withdrawal', { signer, events, register, alerts }),
    new ImageArchive(stack, 'Archive', {
      repositories: [RepositorySelector.all()],
      events,
      register,
      alerts,
    }),
  ];
  const alarmsIn = ({ node }: IConstruct) => node.findAll().filter(each => each instanceof Alarm);
  const pathsIn = (room: IConstruct) =>
    alarmsIn(room).map(alarm => alarm.node.path.slice(room.node.path.length + 1));
  const paths = new Set([
    ...[trust, withRego].flatMap(pathsIn),
    ...extras.flatMap(extra => pathsIn(extra).map(path => `${extra.node.id}/${path}`)),
  ]);
  const template = Template.fromStack(stack);
  const descriptions = Object.values(template.findResources('AWS::CloudWatch::Alarm')).map(
    ({ Properties }) => Properties.AlarmDescription as string,
  );
  return { paths, descriptions };
}

const { paths, descriptions } = everyAlarm();

test('every alarm is in the table, with what to do', () => {
  const [table] = text.split('## Dead-letter queues');
  expect([...rowsOf(table!).keys()].sort()).toEqual([...paths].sort());
});

test('every alarm ends with the address of its section, and fits into what CloudWatch takes', () => {
  const { version, repository } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    version: string;
    repository: { url: string };
  };
  const runbook = `${repository.url.replace(/\.git$/, '')}/blob/v${version}/docs/operations.md#`;
  const sections = anchorsOf(text);
  expect(descriptions.length).toBeGreaterThan(paths.size); // two trusts
  for (const description of descriptions) {
    const [, address, section] = /^.+\. To fix: (\S+#)(\S+)$/.exec(description) ?? [];
    expect({ description, address, hasSection: sections.includes(section!) }).toEqual({
      description,
      address: runbook,
      hasSection: true,
    });
    expect(description.length).toBeLessThanOrEqual(1024);
  }
  const linked = new Set(descriptions.map(description => description.split('#')[1]));
  expect(linked).toEqual(new Set(Object.values(Runbook)));
});

test('the waiver of the night is one, and as narrow as the page says', () => {
  const [waiver] = blocksOf({ file: 'docs/operations.md', text })
    .filter(({ language }) => language === 'yaml')
    .map(({ code }) => code);
  const outcome = readWaivers(`version: 1\nwaivers:\n${waiver}`, {
    file: 'waivers.yaml',
    maxLifeDays: 90,
    now: new Date('2026-11-25T02:00:00Z'),
  });
  expect(outcome).toMatchObject({
    ok: true,
    value: [{ id: 'CVE-2026-1234', repositories: ['team/app'], expires: '2026-11-27' }],
  });
});

test.each(Object.values(MetricName))('the metric %s is explained', metric => {
  expect(text).toContain(`\`${metric}\``);
});

test('everything that the embedded cloud takes out of templates is listed', () => {
  const rewrites = readFileSync(join(ROOT, 'local', 'cloud', 'cloudformation', 'rewrites.ts'), 'utf8');
  const [, refused] = /REFUSED_TYPES = new Set\(\[(.*?)\]\)/s.exec(rewrites)!;
  const types = [...refused!.matchAll(/'(AWS::[\w:]+)'/g)].map(([, type]) => type!);
  const keys = [...rewrites.matchAll(/'((?:s3|events):[a-z-]+)'/g)].map(([, key]) => key!);
  expect(types.length * keys.length).toBeGreaterThan(0);
  expect([...types, ...keys].filter(each => !page('docs/not-run-on-aws.md').includes(`\`${each}\``))).toEqual(
    [],
  );
});

test('every route of the gateway is listed', () => {
  const services = readFileSync(join(ROOT, 'local', 'cloud', 'services.ts'), 'utf8');
  const parts = [
    ...services.matchAll(/from '\.\/((?:cloudformation|codebuild|ecr|events|gateway)\/[\w-]+)'/g),
  ].map(([, part]) => part!);
  const listed = page('docs/not-run-on-aws.md');
  const folders = [...new Set(parts.map(part => part.split('/')[0]!))];
  expect(folders.filter(folder => !listed.includes(`local/cloud/${folder}/`))).toEqual([]);
});
