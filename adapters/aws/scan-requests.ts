import { SQSClient } from '@aws-sdk/client-sqs';
import { SqsQueue } from './sqs-queue';
import { queueFor, type ScanRequest } from '../../src/core/scanning/scan-request';

/** The two queues of scan requests: what somebody waits for, and the rest. */
export class ScanRequestQueues {
  private readonly queues: {
    readonly requests: SqsQueue<ScanRequest>;
    readonly background: SqsQueue<ScanRequest>;
  };

  constructor(urls: { readonly requests: string; readonly background: string }, client = new SQSClient({})) {
    this.queues = {
      requests: new SqsQueue(urls.requests, client),
      background: new SqsQueue(urls.background, client),
    };
  }

  public async send(request: ScanRequest, delaySeconds = 0): Promise<void> {
    await queueFor(request, this.queues).send(request, delaySeconds);
  }

  public async sendAll(requests: readonly ScanRequest[]): Promise<void> {
    for (const queue of Object.values(this.queues)) {
      await queue.sendAll(requests.filter(request => queueFor(request, this.queues) === queue));
    }
  }

  /** About how many background requests wait. */
  public async backlog(): Promise<number> {
    return this.queues.background.size();
  }
}
