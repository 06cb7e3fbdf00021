import * as z from 'zod';
import { matchesWildcard } from '../glob';
import { Answer } from './answer';
import { Call } from './call';
import { errorInItsManner } from './error-in-its-manner';

export const Fault = z.strictObject({
  /** All given fields must match. Patterns use wildcards: `/v2/team/*`. */
  match: z.strictObject({
    service: z.string().optional(),
    operation: z.string().optional(),
    method: z.string().optional(),
    pathPattern: z.string().optional(),
  }),
  /** Until they are deleted, if it is left out. */
  times: z.int().positive().optional(),
  status: z.int().min(400).max(599),
  errorCode: z.string().default('ServiceUnavailable'),
  message: z.string().default('this fault was asked for at /_local/faults'),
});
export type Fault = z.output<typeof Fault>;

type FaultyCall = Pick<Call, 'service' | 'method' | 'path'> & { readonly operation?: string };

/** Errors that a test requested. They are returned before any other part of the gateway sees the call. */
export class Faults {
  private faults: Fault[] = [];

  public add(faults: readonly Fault[]): void {
    this.faults.push(...faults);
  }

  public clear(): void {
    this.faults = [];
  }

  public get left(): readonly Fault[] {
    return this.faults;
  }

  public async answer(call: Call): Promise<Answer | undefined> {
    if (this.faults.length === 0) return undefined;
    const { service, method, path } = call;
    const fault = this.take({ service, method, path, operation: await call.operation() });
    return fault && errorInItsManner(call, fault.status, fault.errorCode, fault.message);
  }

  /** The fault of a call, which is used up with it. */
  public take(call: FaultyCall): Fault | undefined {
    const fault = this.faults.find(
      ({ match }) =>
        (match.service ?? call.service) === call.service &&
        (match.operation ?? call.operation) === call.operation &&
        (match.method ?? call.method) === call.method &&
        matchesWildcard(match.pathPattern ?? '*', call.path),
    );
    if (fault === undefined) return undefined;
    if (fault.times !== undefined) fault.times--;
    this.faults = this.faults.filter(({ times }) => times !== 0);
    return fault;
  }
}
