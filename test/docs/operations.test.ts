import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { page, ROOT, rowsOf } from './markdown';
import { MetricName } from '../../src/core/environment';
import { trustStack } from '../support/synthesise';

const text = page('docs/operations.md');

test('every alarm is in the table, with what to do', () => {
  const { trust } = trustStack();
  const alarms = trust.node.findAll().filter(each => each instanceof Alarm).map(({ node }) => node.path.slice(trust.node.path.length + 1));
  const [table] = text.split('## Dead-letter queues');
  expect([...rowsOf(table!).keys()].sort()).toEqual(alarms.sort());
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
  expect([...types, ...keys].filter(each => !page('docs/not-run-on-aws.md').includes(`\`${each}\``))).toEqual([]);
});

test('every route of the gateway is listed', () => {
  const services = readFileSync(join(ROOT, 'local', 'cloud', 'services.ts'), 'utf8');
  const parts = [...services.matchAll(/from '\.\/((?:cloudformation|codebuild|ecr|events|gateway)\/[\w-]+)'/g)].map(([, part]) => part!);
  const listed = page('docs/not-run-on-aws.md');
  const folders = [...new Set(parts.map(part => part.split('/')[0]!))];
  expect(folders.filter(folder => !listed.includes(`local/cloud/${folder}/`))).toEqual([]);
});
