import { App, Stack } from 'aws-cdk-lib';
import { ImagePolicy, ImageTrust, PolicyRule, RegoSource, RepositorySelector } from '../src';

/** Synthesises an app into a folder, with a Rego file if there is one. */
const [, , outdir, file] = process.argv;
const rule = file === undefined ? PolicyRule.secrets() : PolicyRule.rego(RegoSource.fromFile(file));
const app = new App({ outdir });
new ImageTrust(new Stack(app, 'Bench'), 'Trust', {
  repositories: [RepositorySelector.prefix('team/')],
  policy: ImagePolicy.of({ name: 'bench', rules: [rule] }),
});
app.synth();
