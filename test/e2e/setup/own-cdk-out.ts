import { dirname, join } from 'node:path';
import { cloud } from '../cloud';

// beside each other the workers deploy the same apps, and the CDK lets nobody else into its output meanwhile
process.env.CDK_OUTPUT = join(dirname(cloud().socketPath), 'cdk.out');
