import { admin } from '../../local/cloud/admin-client';
import { AwsClients, awsClients, EMULATOR_ROOT } from '../../local/cloud/aws-clients';
import { CloudDescription, embedded, EmbeddedCloud } from '../../local/cloud/description';
import { socketAgent } from '../../local/cloud/socket-agent';

/** The cloud of this run, for a test: what AWS has too. */
export interface CloudClient extends CloudDescription, AwsClients {}

/** What only the embedded cloud has. */
export interface Emulator extends EmbeddedCloud, AwsClients {
  admin(path: string, body?: unknown, method?: string): Promise<unknown>;
}

/** What the set-up tells the tests' processes: no file holds the keys. */
export const CLOUD_OF_TESTS = 'TEST_CLOUD';

let client: CloudClient | undefined;

export function cloud(): CloudClient {
  client ??= { ...description(), ...awsClients(description()) };
  return client;
}

/** Faults, losses, limits and the stores of the embedded cloud. Only under `onlyEmulated()`. */
export function emulator(): Emulator {
  const cloudDescription = embedded(description());
  return { ...cloud(), ...cloudDescription, admin: (...request) => admin(cloudDescription, ...request) };
}

/**
 * MiniStack without the gateway: shows what it lacks, and that it still does. Only under `onlyEmulated()`.
 */
export function miniStack(): AwsClients {
  const { endpoint, region, socketPath } = embedded(description());
  return awsClients({ endpoint, region, credentials: EMULATOR_ROOT, agent: socketAgent(socketPath) });
}

export function description(): CloudDescription {
  const text = process.env[CLOUD_OF_TESTS];
  if (text === undefined) {
    throw new Error(
      'there is no cloud; run this test with npm run test:e2e, which starts an embedded one, or with npm run aws:check',
    );
  }
  return JSON.parse(text) as CloudDescription;
}
