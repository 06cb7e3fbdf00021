import { App, Stack } from 'aws-cdk-lib';
import { ImageTrust, RepositorySelector } from '../../src';

const app = new App();
new ImageTrust(new Stack(app, 'Bench'), 'Trust', { repositories: [RepositorySelector.prefix('team/')] });
app.synth();
