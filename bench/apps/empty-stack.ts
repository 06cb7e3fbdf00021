import { App, CfnResource, Stack } from 'aws-cdk-lib';

const app = new App();
new CfnResource(new Stack(app, 'Bench'), 'Topic', { type: 'AWS::SNS::Topic' });
app.synth();
