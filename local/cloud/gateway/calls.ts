import { Route } from './route';
import { Administrator } from '../administrator';

/** Ends with `<stack ARN>|<logical id>|<request id>`. */
const ANSWER = /^\/_ministack\/cfn-response\/[^/]+\/(?<request>.+)$/;

/** How often each operation was called since the start, by all but the administrator: what AWS would bill. */
export class Calls {
  public readonly counts: Record<string, number> = {};
  /** How often each request of a custom resource was answered. */
  public readonly answers: Record<string, number> = {};

  constructor(private readonly administrator: Pick<Administrator, 'accessKeyId'>) {}

  /** Counts, and answers nothing. */
  public route(): Route {
    return async call => {
      const { accessKeyId } = call;
      const request = ANSWER.exec(call.path)?.groups!.request;
      if (request !== undefined) {
        const key = decodeURIComponent(request);
        this.answers[key] = (this.answers[key] ?? 0) + 1;
      }
      if (accessKeyId === undefined || accessKeyId === this.administrator.accessKeyId) return undefined;
      // the body of an object is not read for this
      const operation = call.target?.operation ?? (call.isForm ? await call.operation() : call.method);
      const name = `${call.service} ${operation ?? call.method}`;
      this.counts[name] = (this.counts[name] ?? 0) + 1;
      return undefined;
    };
  }
}
