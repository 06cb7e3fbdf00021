import { timingSafeEqual } from 'node:crypto';
import * as z from 'zod';
import { Place } from '../accounts/places';
import { Administrator } from '../administrator';
import { Builds } from '../codebuild/builds';
import { Jobs } from '../codepipeline/jobs';
import { ServiceEvents } from '../events/service-events';
import { messageOf } from '../say';
import { Answer, errorAnswer, jsonAnswer } from './answer';
import { Call } from './call';
import { Calls } from './calls';
import { Fault, Faults } from './faults';
import { Route } from './route';

const Draft = z.strictObject({
  source: z.string(),
  detailType: z.string(),
  detail: z.unknown(),
  resources: z.array(z.string()).optional(),
  account: z.string().optional(),
  region: z.string().optional(),
  id: z.string().optional(),
  time: z.string().optional(),
});
const Limits = z.strictObject({
  maxConcurrent: z.int().nonnegative().optional(),
  maxQueued: z.int().nonnegative().optional(),
});
const Account = z.strictObject({ account: z.string().regex(/^\d{12}$/), region: z.string() });
const JobDraft = Account.extend({ functionName: z.string(), userParameters: z.string() });
const Loss = z.strictObject({ pattern: z.record(z.string(), z.unknown()), times: z.int().positive() });

export interface AdminPorts {
  readonly token: string;
  readonly builds: Builds;
  readonly events: ServiceEvents;
  readonly faults: Faults;
  readonly calls: Calls;
  readonly jobs: Jobs;
  /** Makes an administrator of another account. */
  administratorOf(place: Place): Promise<Administrator>;
}

/** Routes for tests: losses, duplicates, faults, limits. They require the token of this run. */
export function adminRoute({
  token,
  builds,
  events,
  faults,
  calls,
  jobs,
  administratorOf,
}: AdminPorts): Route {
  const operations: Record<string, (call: Call) => Promise<unknown>> = {
    'GET /_local/events': async () => ({ sent: events.sent, lost: events.lost }),
    'POST /_local/events': async call => events.publish(Draft.parse(await call.json())),
    'POST /_local/events/replay': async call =>
      events.replay(z.strictObject({ id: z.string() }).parse(await call.json()).id),
    'POST /_local/events/drop': async call => {
      const { pattern, times } = Loss.parse(await call.json());
      return events.lose(pattern, times);
    },
    'DELETE /_local/events/drop': async () => events.loseNoMore(),
    'GET /_local/faults': async () => faults.left,
    'POST /_local/faults': async call => {
      faults.add(z.array(Fault).parse(await call.json()));
      return faults.left;
    },
    'DELETE /_local/faults': async () => {
      faults.clear();
      return [];
    },
    'GET /_local/calls': async () => calls.counts,
    'GET /_local/answers': async () => calls.answers,
    'POST /_local/accounts': async call => administratorOf(Account.parse(await call.json())),
    'GET /_local/jobs': async () => jobs.all,
    'POST /_local/jobs': async call => jobs.start(JobDraft.parse(await call.json())),
    'POST /_local/builds': async call => builds.limit(Limits.parse(await call.json())),
  };
  return async call => {
    if (!call.path.startsWith('/_local/')) return undefined;
    if (!isToken(call.headers['x-local-token'], token)) {
      return errorAnswer('AccessDeniedException', 'x-local-token is not the token of this run', 403);
    }
    const operation = operations[`${call.method} ${call.path}`];
    if (operation === undefined) {
      return errorAnswer(
        'NotFound',
        `there is no ${call.method} ${call.path}; there are ${Object.keys(operations).join(', ')}`,
        404,
      );
    }
    return answer(operation, call);
  };
}

async function answer(operation: (call: Call) => Promise<unknown>, call: Call): Promise<Answer> {
  try {
    return jsonAnswer(200, (await operation(call)) ?? {});
  } catch (error) {
    return errorAnswer('InvalidRequest', messageOf(error));
  }
}

function isToken(given: string | string[] | undefined, token: string): boolean {
  const bytes = Buffer.from(String(given));
  const expected = Buffer.from(token);
  return bytes.length === expected.length && timingSafeEqual(bytes, expected);
}
