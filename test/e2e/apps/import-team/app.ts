import { App, Stage } from 'aws-cdk-lib';
import { IMPORTS, teamStack } from './team-stack';

const { NAME, TEAM } = process.env;
const stage = new Stage(new App(), 'Production');
for (const by of IMPORTS) teamStack(stage, by, NAME!, JSON.parse(TEAM!));
