import { CloudWatchLogs, ResourceAlreadyExistsException } from '@aws-sdk/client-cloudwatch-logs';
import { messageOf, Say } from '../say';

/**
 * A build's log stream. Written as root: MiniStack checks `logs:CreateLogStream` on `log-group:NAME`, which
 * the grant that AWS wants, on `log-group:NAME:*`, does not match there.
 */
export class BuildLog {
  private waiting: { timestamp: number; message: string }[] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly logs: CloudWatchLogs,
    private readonly stream: { groupName: string; streamName: string },
    private readonly report: Say,
  ) {}

  public readonly say: Say = line => {
    this.waiting.push({ timestamp: Date.now(), message: `${line}\n` });
  };

  /** A line as CodeBuild's own agent writes it. */
  public note(line: string): void {
    this.say(
      `[Container] ${new Date().toISOString().replace(/-/g, '/').replace('T', ' ').slice(0, 23)} ${line}`,
    );
  }

  public async open(): Promise<void> {
    const { groupName: logGroupName, streamName: logStreamName } = this.stream;
    await this.logs.createLogGroup({ logGroupName }).catch((error: unknown) => {
      if (!(error instanceof ResourceAlreadyExistsException)) throw error;
    });
    await this.logs.createLogStream({ logGroupName, logStreamName });
    this.timer = setInterval(() => {
      void this.flush();
    }, 500);
  }

  public async close(): Promise<void> {
    clearInterval(this.timer);
    if (this.timer !== undefined) await this.flush();
  }

  private async flush(): Promise<void> {
    const logEvents = this.waiting;
    if (logEvents.length === 0) return;
    this.waiting = [];
    await this.logs
      .putLogEvents({ logGroupName: this.stream.groupName, logStreamName: this.stream.streamName, logEvents })
      .catch((error: unknown) => this.report(`build log: ${messageOf(error)}`));
  }
}
