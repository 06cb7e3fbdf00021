import { App } from 'aws-cdk-lib';
import { hookedStack } from './hooked-stack';
import type { SecondApp } from './names';
import { platformStack } from './platform-stack';
import { teamStack } from './team-stack';

const app = new App();
const given = JSON.parse(process.env.SECOND_APP!) as SecondApp;
platformStack(app, given);
teamStack(app, given);
if (given.image !== undefined) hookedStack(app, given.id, given.image);
