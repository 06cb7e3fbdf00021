import { App } from 'aws-cdk-lib';
import { platformStack } from './platform-stack';

const { NAME, PLATFORM } = process.env;
platformStack(new App(), NAME!, JSON.parse(PLATFORM!));
