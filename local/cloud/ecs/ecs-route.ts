import type { Service } from '@aws-sdk/client-ecs';
import { Deployments } from './deployments';
import { Place, Places } from '../accounts/places';
import { Answer, jsonAnswer, parseJson } from '../gateway/answer';
import { Call } from '../gateway/call';
import { Route } from '../gateway/route';
import { mayAfterAll } from '../rights';

interface ServiceRequest {
  readonly cluster?: string;
  readonly service?: string;
  readonly forceNewDeployment?: boolean;
}

/** What of Amazon ECS MiniStack lacks. Who may call, it decides itself. */
export function ecsRoute(places: Places, deployments: Deployments): Route {
  const operations: Record<string, (call: Call, place: Place) => Promise<Answer>> = {
    CreateService: async (call, place) => {
      const answer = await call.forward();
      if (answer.status === 200) await deployments.begin(place, serviceIn(answer));
      return answer;
    },
    UpdateService: async (call, place) => {
      const { cluster, service, forceNewDeployment } = await call.json<ServiceRequest>();
      const { services: [before] = [] } = await places
        .in(place)
        .ecs.describeServices({ cluster, services: [service ?? ''] })
        .catch(() => ({ services: [] }));
      const answer = await call.forward();
      if (answer.status !== 200) return answer;
      const after = serviceIn(answer);
      if (forceNewDeployment === true || after.taskDefinition !== before?.taskDefinition) {
        await deployments.begin(place, after, before?.taskDefinition);
      }
      return answer;
    },
    DescribeServiceRevisions: async (call, place) => {
      const { serviceRevisionArns: arns = [] } = await call.json<{ serviceRevisionArns?: string[] }>();
      const refused = await refusal(call, arns, place);
      if (refused !== undefined) return refused;
      const serviceRevisions = arns.flatMap(arn => deployments.revision(arn) ?? []);
      const failures = arns
        .filter(arn => deployments.revision(arn) === undefined)
        .map(arn => ({ arn, reason: 'MISSING' }));
      return jsonAnswer(200, { serviceRevisions, failures });
    },
    ListServiceDeployments: async call => {
      const { service = '' } = await call.json<ServiceRequest>();
      const answer = await call.forward();
      return answer.status === 200
        ? jsonAnswer(200, { serviceDeployments: deployments.of(service) })
        : answer;
    },
    ListTagsForResource: async (call, place) => {
      const { resourceArn = '' } = await call.json<{ resourceArn?: string }>();
      const answer = await call.forward();
      if (answer.status === 200 || !(await mayAfterAll(answer, [resourceArn], places.in(place)))) {
        return answer;
      }
      const { tags } = await places.in(place).ecs.listTagsForResource({ resourceArn });
      return jsonAnswer(200, { tags });
    },
  };

  /** MiniStack asks for the right on `*`. */
  async function refusal(call: Call, arns: readonly string[], place: Place): Promise<Answer | undefined> {
    const answer = await call.forward();
    if (answer.status === 200) return undefined;
    return (await mayAfterAll(answer, arns, places.in(place))) ? undefined : answer;
  }

  return async call => {
    const { prefix, operation } = call.target ?? {};
    if (prefix !== 'AmazonEC2ContainerServiceV20141113' || operation === undefined) return undefined;
    if (!Object.hasOwn(operations, operation)) return undefined;
    return operations[operation](call, await places.of(call));
  };
}

function serviceIn(answer: Answer): Service {
  return parseJson<{ service: Service }>(answer).service;
}
