import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { admin } from './admin-client';
import { createAdministrator } from './administrator';
import { awsClients, EMULATOR_ROOT } from './aws-clients';
import { cloudEnvironment, EmbeddedCloud } from './description';
import { Gateway } from './gateway/gateway';
import { MiniStack } from './ministack/ministack';
import { ensurePython } from './ministack/python-environment';
import { openLog, Say } from './say';
import { makeServices } from './services';

const ACCOUNT = '000000000000';
const REGION = 'us-east-1';
const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

export interface CloudOptions {
  /** @default - a free one */
  readonly port?: number;
  /** The real Trivy, behind the `trivy` that builds find. @default - builds find none */
  readonly trivy?: string;
  /** @default 2 */
  readonly maxConcurrentBuilds?: number;
  /** @default 20 */
  readonly maxQueuedBuilds?: number;
  /** How many functions run at once. A new account may have 10. @default - as many as this machine can */
  readonly lambdaConcurrency?: number;
  /** Kept when the cloud stops. @default - in the cloud's folder, and gone with it */
  readonly logFile?: string;
  /** Receives progress messages. @default - none */
  readonly say?: Say;
}

export interface Cloud extends EmbeddedCloud {
  env(): Record<string, string>;
  /** One of the admin routes. Without a body it is a GET. */
  admin(path: string, body?: unknown, method?: string): Promise<unknown>;
  stop(): Promise<void>;
}

/**
 * A local AWS, in this process and one child process: MiniStack, and a gateway that adds what
 * MiniStack lacks.
 */
export async function startCloud(options: CloudOptions = {}): Promise<Cloud> {
  const python = await ensurePython(options.say ?? (() => undefined));
  // only this user may enter it: it contains MiniStack's socket
  const folder = mkdtempSync(join(tmpdir(), 'cdk-trusted-images-'));
  const logFile = options.logFile ?? join(folder, 'cloud.log');
  mkdirSync(dirname(logFile), { recursive: true });
  const log = openLog(logFile);
  const undo: (() => Promise<unknown> | void)[] = [
    () => log.close(),
    () => rmSync(folder, { recursive: true, force: true }),
  ];
  const stop = once(async () => {
    SIGNALS.forEach(signal => process.off(signal, onSignal));
    for (const each of undo.reverse()) await each();
  });
  const onSignal = (signal: NodeJS.Signals) => {
    void stop().finally(() => process.kill(process.pid, signal));
  };
  SIGNALS.forEach(signal => process.once(signal, onSignal));
  try {
    const gateway = await Gateway.listen(options.port ?? 0, log.say);
    undo.push(() => gateway.close());
    const ministack = await MiniStack.start({
      python,
      folder,
      publicPort: gateway.port,
      region: REGION,
      lambdaConcurrency: options.lambdaConcurrency,
      say: log.say,
    });
    undo.push(() => ministack.stop());
    const aws = awsClients({
      endpoint: gateway.endpoint,
      region: REGION,
      credentials: EMULATOR_ROOT,
      agent: ministack.upstream.agent,
    });
    const administrator = await createAdministrator(aws);
    const token = randomBytes(24).toString('base64url');
    const registryHost = `127.0.0.1:${gateway.port}`;
    const { routes, toolsFolder, stopBuilds } = makeServices({
      aws,
      upstream: ministack.upstream,
      administrator,
      token,
      folder,
      registryHost,
      endpoint: gateway.endpoint,
      account: ACCOUNT,
      region: REGION,
      trivy: options.trivy,
      say: log.say,
      limits: { maxConcurrent: options.maxConcurrentBuilds ?? 2, maxQueued: options.maxQueuedBuilds ?? 20 },
    });
    undo.push(stopBuilds);
    gateway.serve(ministack.upstream, routes);
    log.say(`ready at ${gateway.endpoint}`);
    const { accessKeyId, secretAccessKey } = administrator;
    const description: EmbeddedCloud = {
      endpoint: gateway.endpoint,
      registryHost,
      account: ACCOUNT,
      region: REGION,
      credentials: { accessKeyId, secretAccessKey },
      token,
      logFile,
      toolsFolder,
      socketPath: ministack.socket,
    };
    return {
      ...description,
      env: () => cloudEnvironment(description),
      admin: (...request) => admin(description, ...request),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function once(action: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => (done ??= action());
}
