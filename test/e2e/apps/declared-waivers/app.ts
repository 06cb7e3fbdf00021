import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, CfnOutput, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { ImagePolicy, ImageTrust, PolicyRule, RepositorySelector, WaiverSource } from '../../../../src';
import { addDays, dayOf } from '../../../../src/core/waivers/life';

/** `STRICT=1` refuses root, which it accepts at the same time for one repository. */
const isStrict = process.env.STRICT === '1';
const lenient = ImagePolicy.of({ name: 'lenient', rules: [PolicyRule.coverage(), PolicyRule.secrets()] });
const waiver = {
  id: 'runs-as-root',
  repositories: ['declared/backup'],
  owner: 'storage@example.com',
  reason: 'it reads the disks of others, on one host',
  expires: addDays(dayOf(new Date()), 1),
};
const file = join(mkdtempSync(join(tmpdir(), 'declared-waivers-')), 'waivers.yaml');
writeFileSync(file, JSON.stringify({ version: 1, waivers: isStrict ? [waiver] : [] }));

const stack = new Stack(new App(), 'DeclaredWaivers');
const trust = new ImageTrust(stack, 'Trust', {
  repositories: [RepositorySelector.prefix('declared/')],
  policy: isStrict ? lenient.plus(PolicyRule.runsAsRoot()) : lenient,
  waivers: WaiverSource.fromFile(file),
  removalPolicy: RemovalPolicy.DESTROY,
});
new CfnOutput(stack, 'Register', { value: trust.register.table.tableName });
new CfnOutput(stack, 'Waivers', { value: trust.waivers.bucket.bucketName });
