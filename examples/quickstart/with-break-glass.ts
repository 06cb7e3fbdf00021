import { Annotations } from 'aws-cdk-lib';
import type { ImageTrust } from 'cdk-trusted-images';
import { app } from './app';

/** The quickstart with break-glass: `cdk deploy --app 'npx tsx with-break-glass.ts'`. */
const trust = app.node.findChild('Quickstart').node.findChild('Trust') as ImageTrust;
Annotations.of(trust.breakGlass).acknowledgeWarning(
  'cdk-trusted-images:nobodyMayGrant',
  'whoever tries it out grants with credentials of an administrator; in production, grantBreakGlass() names who may',
);
