import { AwsClients } from '../aws-clients';
import { mayAfterAll } from '../rights';
import { Sessions } from '../sessions';
import { Answer, errorAnswer, jsonAnswer } from './answer';
import { Call } from './call';
import { Route } from './route';

export interface RightsRouteOptions {
  readonly sessions: Sessions;
  readonly aws: AwsClients;
  readonly account: string;
  readonly region: string;
}

const ACCOUNT_SETTINGS = /^\/2016-08-19\/account-settings\/?$/;
const EVENT_SOURCE = /^\/2015-03-31\/event-source-mappings\/([\w-]+)$/;

/** Calls for which MiniStack asks for no right, for another one than AWS, or for the right on everything. */
export function rightsRoute({ sessions, aws, account, region }: RightsRouteOptions): Route {
  const arn = (service: string, resource: string) => `arn:aws:${service}:${region}:${account}:${resource}`;
  return async call => {
    if (call.method === 'GET' && ACCOUNT_SETTINGS.test(call.path)) {
      const refused = await sessions.refusal(call.accessKeyId, 'lambda:GetAccountSettings', '*');
      return refused === undefined ? undefined : errorAnswer('AccessDeniedException', refused, 403);
    }
    const [, uuid] = call.method === 'GET' ? (EVENT_SOURCE.exec(call.path) ?? []) : [];
    if (uuid !== undefined) {
      const resource = arn('lambda', `event-source-mapping:${uuid}`);
      return asAws(
        call,
        aws,
        ['lambda:ListEventSourceMappings', 'lambda:GetEventSourceMapping', resource],
        () => aws.lambda.getEventSourceMapping({ UUID: uuid }),
      );
    }
    if (call.target?.prefix === 'AWSEvents' && call.target.operation === 'ListTargetsByRule') {
      const request = await call.json<{ Rule: string; EventBusName?: string }>();
      const bus = request.EventBusName ?? 'default';
      const resource = arn('events', `rule/${bus === 'default' ? '' : `${bus}/`}${request.Rule}`);
      const right = 'events:ListTargetsByRule';
      return asAws(call, aws, [right, right, resource], () => aws.events.listTargetsByRule(request));
    }
    return undefined;
  };
}

/** A refusal names the right that AWS would name. */
async function asAws(
  call: Call,
  aws: AwsClients,
  [asked, action, resource]: [string, string, string],
  answerAsRoot: () => Promise<object>,
): Promise<Answer> {
  const answer = await call.forward();
  if (answer.status !== 403 && answer.status !== 400) return answer;
  if (await mayAfterAll(answer, [resource], aws, action)) {
    const { $metadata: _, ...body } = (await answerAsRoot()) as Record<string, unknown>;
    const wire = Object.entries(body).map(([name, value]) => [
      name,
      value instanceof Date ? value.getTime() / 1000 : value,
    ]);
    return jsonAnswer(200, Object.fromEntries(wire));
  }
  return { ...answer, body: Buffer.from(answer.body.toString().replaceAll(asked, action)) };
}
