import { ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Upstream } from '../gateway/upstream';
import { Say } from '../say';

const READY_WITHIN = 30_000;

export interface MiniStackOptions {
  readonly python: string;
  /** The folder of the socket and of the files that MiniStack writes. Only this user may enter it. */
  readonly folder: string;
  /** The gateway's: MiniStack writes it into queue URLs and callbacks. */
  readonly publicPort: number;
  readonly region: string;
  /** How many functions run at once. @default - as many as this machine can */
  readonly lambdaConcurrency?: number;
  readonly say: Say;
}

/**
 * The emulator, with two answers of CloudFormation added (`custom_resources.py`), on a socket that only this
 * user can reach, because its root key is the well-known `test`.
 */
export class MiniStack {
  public static async start(options: MiniStackOptions): Promise<MiniStack> {
    const ministack = new MiniStack(options);
    await ministack.ready().catch(async (error: unknown) => {
      await ministack.stop();
      throw error;
    });
    return ministack;
  }

  public readonly upstream: Upstream;
  public readonly socket: string;
  private readonly child: ChildProcess;
  private stopping = false;
  private readonly killAtExit: () => void;

  private constructor(options: MiniStackOptions) {
    const { python, folder, publicPort, say } = options;
    this.socket = join(folder, 'ministack.sock');
    this.upstream = new Upstream(this.socket, `127.0.0.1:${publicPort}`);
    this.child = spawn(python, [resolve(__dirname, 'launch.py'), this.socket], {
      env: environment(options),
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    for (const stream of [this.child.stdout!, this.child.stderr!]) {
      stream.setEncoding('utf8').on('data', (text: string) =>
        text
          .trimEnd()
          .split('\n')
          .forEach(line => say(`ministack: ${line}`)),
      );
    }
    this.child.on('exit', (code, signal) => {
      if (!this.stopping) say(`ministack: ended by itself (${signal ?? code})`);
    });
    this.killAtExit = () => {
      this.child.kill('SIGKILL');
    };
    process.on('exit', this.killAtExit);
  }

  public get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  public async stop(): Promise<void> {
    this.stopping = true;
    process.off('exit', this.killAtExit);
    this.upstream.close();
    if (this.hasEnded) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    const patience = setTimeout(() => this.child.kill('SIGKILL'), 5_000);
    await ended;
    clearTimeout(patience);
  }

  private async ready(): Promise<void> {
    for (const end = Date.now() + READY_WITHIN; Date.now() < end && !this.hasEnded; await sleep(50)) {
      const answer = await this.upstream.send('GET', '/_ministack/ready').catch(() => undefined);
      if (answer?.status === 200) return;
    }
    throw new Error(
      `MiniStack ${this.hasEnded ? 'ended while it started' : `was not ready after ${READY_WITHIN} ms`}; its log says why`,
    );
  }
}

/** Clean, because MiniStack hands its own environment to every Lambda function that it runs. */
function environment({
  folder,
  publicPort,
  region,
  lambdaConcurrency,
}: MiniStackOptions): Record<string, string> {
  const scratch = join(folder, 'ministack');
  mkdirSync(scratch, { recursive: true });
  return {
    PATH: process.env.PATH ?? '',
    HOME: scratch,
    TMPDIR: scratch,
    LANG: 'C.UTF-8',
    AUTH: 'true',
    GATEWAY_PORT: String(publicPort),
    MINISTACK_HOST: '127.0.0.1',
    MINISTACK_REGION: region,
    LAMBDA_EXECUTOR: 'local',
    ...(lambdaConcurrency !== undefined && { LAMBDA_ACCOUNT_CONCURRENCY: String(lambdaConcurrency) }),
    LOG_LEVEL: 'WARNING',
    IOT_MTLS_ENABLED: '0',
    SFTP_ENABLED: '0',
    S3_DATA_DIR: join(scratch, 's3'),
    STATE_DIR: join(scratch, 'state'),
    NODE_PATH: resolve(__dirname, '../../../node_modules'), // custom resources of the CDK expect the SDK in their runtime
    NODE_NO_WARNINGS: '1',
    AWS_ENDPOINT_URL: `http://127.0.0.1:${publicPort}`,
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}
