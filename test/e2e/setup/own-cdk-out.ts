import { tmpdir } from 'node:os';
import { join } from 'node:path';

// beside each other the workers deploy the same apps, and the CDK lets nobody else into its output meanwhile
process.env.CDK_OUTPUT = join(tmpdir(), `cdk-out-${process.ppid}-${process.env.JEST_WORKER_ID}`);
