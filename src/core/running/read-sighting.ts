import * as z from 'zod';
import { CALLS } from './calls';
import type { Sighting, Unread } from './sighting';
import { failed, ok, type Result } from '../result';
import { plainText } from '../text/plain-text';

export const TASK_EVENT = 'ECS Task State Change';
export const CALL_EVENT = 'AWS API Call via CloudTrail';

/** What every event of EventBridge has. */
const Envelope = z.object({
  id: z.string().optional(),
  'detail-type': z.string(),
  source: z.string(),
  account: z.string().regex(/^\d{12}$/),
  region: z.string().min(1),
  time: z.iso.datetime(),
  detail: z.record(z.string(), z.unknown()),
});
type Envelope = z.infer<typeof Envelope>;

const Record = z.object({
  eventName: z.string().min(1),
  eventSource: z.string().min(1),
  errorCode: z.string().optional(),
  sourceIPAddress: z.string().optional(),
  userIdentity: z
    .object({ arn: z.string().optional(), type: z.string().optional(), invokedBy: z.string().optional() })
    .optional(),
  requestParameters: z.unknown(),
  responseElements: z.unknown(),
});

const Task = z.object({
  clusterArn: z.string().min(1),
  taskArn: z.string().min(1),
  taskDefinitionArn: z.string().min(1),
  lastStatus: z.string().min(1),
  group: z.string().optional(),
  startedBy: z.string().optional(),
  startedAt: z.string().optional(),
  containers: z.array(z.object({ image: z.string().optional(), imageDigest: z.string().optional() })),
});

/**
 * Reads an event of EventBridge: which images it runs, who runs them and where. `undefined`: it runs none.
 * What cannot be read is an error and never `undefined` (rule 5.7, fail closed).
 */
export function readSighting(body: unknown): Result<Sighting | undefined, Unread> {
  const envelope = Envelope.safeParse(body);
  if (!envelope.success) {
    return failed({ way: 'an event', why: `it is not an event of EventBridge: ${whyNot(envelope.error)}` });
  }
  return envelope.data['detail-type'] === TASK_EVENT ? readTask(envelope.data) : readCall(envelope.data);
}

function readTask(event: Envelope): Result<Sighting | undefined, Unread> {
  const way = TASK_EVENT;
  const task = Task.safeParse(event.detail);
  if (!task.success) return failed({ ...about(event), way, why: whyNot(task.error) });
  const { clusterArn, taskArn, taskDefinitionArn, lastStatus, group, startedBy, startedAt, containers } =
    task.data;
  // before, nothing is pulled; after, nothing runs
  if (lastStatus !== 'RUNNING' && lastStatus !== 'STOPPED') return ok(undefined);
  const cluster = clusterArn.split('/').at(-1)!;
  const [kind, name] = group?.split(':', 2) ?? [];
  const family = taskDefinitionArn.split('/').at(-1)!.replace(/:\d+$/, '');
  const isService = kind === 'service' && name !== undefined && name !== '';
  // a task that was stopped before it started ran nothing but what it had pulled by then
  const hasStarted = lastStatus === 'RUNNING' || startedAt !== undefined;
  const ran = containers.filter(({ imageDigest }) => hasStarted || imageDigest !== undefined);
  const images = ran.flatMap(({ image, imageDigest }) =>
    image === undefined
      ? []
      : [{ reference: image, ...(imageDigest !== undefined && { digest: imageDigest }) }],
  );
  return ok({
    ...about(event),
    way,
    what: `${isService ? `service ${name}` : `task of ${family}`} in the cluster ${cluster}`,
    arn: isService ? `${clusterArn.replace(':cluster/', ':service/')}/${name}` : taskArn,
    at: event.time,
    place: placeOf(event),
    ...(startedBy !== undefined && {
      who: `not in this event; ECS says: started by ${plainText(startedBy)}`,
    }),
    images,
    // a container without its image: the task definition names it
    ...(images.length < ran.length && { lookUp: { kind: 'task-definition', name: taskDefinitionArn } }),
  });
}

function readCall(event: Envelope): Result<Sighting | undefined, Unread> {
  const record = Record.safeParse(event.detail);
  if (!record.success) {
    return failed({ ...about(event), way: plainText(event['detail-type']), why: whyNot(record.error) });
  }
  const { eventName, eventSource, errorCode, requestParameters, responseElements } = record.data;
  const service = eventSource.split('.')[0]!;
  const way = `${service}:${plainText(eventName.replace(/\d{8}(v\d+)?$/, ''), 60)}`;
  const who = whoOf(record.data);
  if (errorCode !== undefined) return ok(undefined); // it changed nothing
  const reader = CALLS[service]?.[eventName];
  if (reader === undefined) {
    return failed({ ...about(event), way, who, why: 'this call is not one that the watcher knows' });
  }
  try {
    const call = reader({ request: requestParameters, response: responseElements });
    if (call === undefined) return ok(undefined);
    return ok({ ...call, ...about(event), way, who, images: call.images ?? [] });
  } catch (error) {
    const why = error instanceof z.ZodError ? whyNot(error) : (error as Error).message;
    return failed({ ...about(event), way, who, why: plainText(why, 300) });
  }
}

function about(event: Envelope): { place: Sighting['place']; at: string; eventId?: string } {
  return { place: placeOf(event), at: event.time, ...(event.id !== undefined && { eventId: event.id }) };
}

function placeOf({ account, region }: Envelope): Sighting['place'] {
  return { account, region };
}

function whoOf({ userIdentity, sourceIPAddress }: z.infer<typeof Record>): string {
  const { arn, type, invokedBy } = userIdentity ?? {};
  const name = arn ?? invokedBy ?? type ?? 'not named in the event';
  const by = invokedBy !== undefined && invokedBy !== name ? ` by ${invokedBy}` : '';
  const from =
    sourceIPAddress === undefined || sourceIPAddress === invokedBy ? '' : ` from ${sourceIPAddress}`;
  return plainText(`${name}${by}${from}`, 400);
}

/** The fields that are missing or of another type, without their values. */
function whyNot(error: z.ZodError): string {
  const fields = error.issues.map(({ path }) => plainText(path.join('.') || 'the event', 80));
  return `these fields are missing or not as documented: ${[...new Set(fields)].slice(0, 5).join(', ')}`;
}
