import { admin } from '../../local/cloud/admin-client';
import { AwsClients, awsClients, EMULATOR_ROOT } from '../../local/cloud/aws-clients';
import { CloudDescription } from '../../local/cloud/description';
import { socketAgent } from '../../local/cloud/socket-agent';

/** The cloud of this run, for a test. */
export interface CloudClient extends CloudDescription, AwsClients {
  admin(path: string, body?: unknown, method?: string): Promise<unknown>;
}

let client: CloudClient | undefined;

export function cloud(): CloudClient {
  client ??= connect(description());
  return client;
}

/** MiniStack without the gateway: shows what it lacks, and that it still does. */
export function miniStack(): AwsClients {
  const { endpoint, region, socketPath } = description();
  return awsClients({ endpoint, region, credentials: EMULATOR_ROOT, agent: socketAgent(socketPath) });
}

function connect(cloudDescription: CloudDescription): CloudClient {
  return {
    ...cloudDescription,
    ...awsClients(cloudDescription),
    admin: (...request) => admin(cloudDescription, ...request),
  };
}

function description(): CloudDescription {
  const text = process.env.EMBEDDED_CLOUD;
  if (text === undefined) {
    throw new Error('there is no embedded cloud; run this test with npm run test:e2e, which starts one');
  }
  return JSON.parse(text) as CloudDescription;
}
