import { asText } from '../../../src/core/alerts/message';
import { answerText } from '../../../src/core/gates/answer';
import { CLOUD_CONTROL_CHARACTERS, SHOWN_CHARACTERS } from '../../../src/core/gates/gate-answer';
import { imageOf, type ImageName } from '../../../src/core/image/image';
import type { BreakGlassPorts } from '../../../src/core/trust/break-glass';
import { wayOut } from '../../../src/core/trust/way-out';
import { decideHook } from '../../../use-cases/gates/cloudformation-hook';
import { decideEcsDeployment } from '../../../use-cases/gates/ecs-deployment';
import { decidePipelineJob } from '../../../use-cases/gates/pipeline-job';
import { askerOf } from '../../../use-cases/gates/who-asks';
import { World } from '../world';
import { Gate } from '../world/gate';
import { ServiceGate, STATES, uriOf } from '../world/service-gate';

const ACCOUNT = '123456789012';
const here = (service: string, resource: string) => `arn:aws:${service}:us-west-2:${ACCOUNT}:${resource}`;
const STACK = here('cloudformation', 'stack/shop');
const STACK_ID = `${STACK}/1a2345b6-0000-00a0-a123-00abc0abc000`;
const SERVICE = here('ecs', 'service/prod/web');
const FUNCTION = here('lambda', 'function:Gate');
const SERVICE_STACK = 'arn:aws:cloudformation:us-east-1:000000000000:stack/service';

/** No grant lives. */
const BREAK_GLASS: BreakGlassPorts = {
  stack: 'Platform',
  grants: async () => [],
  recordUse: async () => undefined,
};

let world: World;
let gate: ServiceGate;
let breakGlass: BreakGlassPorts | undefined;

beforeEach(() => {
  world = new World();
  world.signs = true;
  gate = new ServiceGate(world);
  breakGlass = BREAK_GLASS;
});

const context = () => ({ ...gate.context(), breakGlass });

async function hook(stackId: string | undefined, ...uris: string[]): Promise<string> {
  const answer = await decideHook(
    {
      clientRequestToken: 'token',
      stackId,
      actionInvocationPoint: 'CREATE_PRE_PROVISION',
      requestData: {
        targetName: 'AWS::ECS::TaskDefinition',
        targetLogicalId: 'Task',
        targetModel: {
          resourceProperties: { ContainerDefinitions: uris.map((Image, at) => ({ Name: `c${at}`, Image })) },
        },
      },
      requestContext: { invocation: 10 },
    },
    {
      ...context(),
      account: ACCOUNT,
      payload: async () => Promise.reject(new Error('not asked')),
      stackStatus: async () => 'UPDATE_IN_PROGRESS',
    },
  );
  expect(answer.hookStatus).toBe('FAILED');
  return answer.message;
}

async function ecs(uri: string): Promise<string> {
  const answer = await decideEcsDeployment(
    {
      executionId: '1',
      lifecycleStage: 'PRE_SCALE_UP',
      resourceArn: here('ecs', 'service-deployment/prod/web/1'),
      executionDetails: {
        serviceArn: SERVICE,
        targetServiceRevisionArn: here('ecs', 'service-revision/prod/web/1'),
      },
      hookDetails: { trustedImagesLooks: 50 },
    },
    {
      ...context(),
      ecs: {
        describeRevision: async arn => ({
          serviceRevisions: [
            { serviceRevisionArn: arn, serviceArn: SERVICE, taskDefinition: 'web:1', containerImages: [] },
          ],
        }),
        describeTaskDefinition: async () => ({ containerDefinitions: [{ name: 'web', image: uri }] }),
        stackOf: async () => undefined,
      },
      stackStatus: async () => undefined,
    },
  );
  expect(answer).toEqual({ hookStatus: 'FAILED' });
  return asText(gate.reported[0]!.message!);
}

async function pipeline(uri: string): Promise<string> {
  const answer = await decidePipelineJob(
    {
      'CodePipeline.job': {
        id: '1',
        data: {
          actionConfiguration: {
            configuration: { UserParameters: JSON.stringify({ count: 1, images: [uri] }) },
          },
          continuationToken: 'looks=50',
        },
      },
    },
    { ...context(), scope: FUNCTION },
  );
  expect(answer).toMatchObject({ result: 'failure' });
  return (answer as { message: string }).message;
}

async function trustedImage(image: ImageName): Promise<string> {
  const awaiting = new Gate(world);
  awaiting.breakGlass = breakGlass;
  const { repository, digest } = imageOf(image);
  const event = awaiting.event({ repository, digest });
  const requestedAt = new Date(world.now.getTime() - 7200_000).toISOString();
  const answer = await awaiting.look(event, {
    image,
    reference: digest,
    enforcement: 'REFUSE',
    requestedAt,
    rollback: 'NO',
  });
  return (JSON.parse(answerText(askerOf(event), answer as { reason: string })) as { Reason: string }).Reason;
}

/** How each service shows a refusal, and the scope that its gate asks about. */
const GATES: readonly [gate: string, scope: string, refusal: (image: ImageName) => Promise<string>][] = [
  ['CloudFormation', STACK, image => hook(STACK_ID, uriOf(image))],
  ['Cloud Control, which names no stack', ACCOUNT, image => hook(undefined, uriOf(image))],
  ['Amazon ECS, in the alert', SERVICE, image => ecs(uriOf(image))],
  ['CodePipeline', FUNCTION, image => pipeline(uriOf(image))],
  ['a TrustedImage', SERVICE_STACK, trustedImage],
];

const REFUSED = STATES.filter(([, says]) => says !== undefined);

describe('rule 5.11, break-glass: a refusal ends with the command that lets this image through this gate', () => {
  const cases = GATES.flatMap(([name, scope, refusal]) =>
    REFUSED.map(([state, says, make]) => ({ name, state, scope, refusal, says: says!, make })),
  ).filter(({ scope, state }) => scope !== ACCOUNT || !['failed', 'revoked'].includes(state)); // no room, see below

  test.each(cases)('$name, of an image that is $state', async ({ scope, refusal, says, make }) => {
    const image = await make(world);
    const shown = await refusal(image);
    expect(shown).toContain(says);
    expect(shown.split('\n').filter(line => line.startsWith('Emergency'))).toEqual([
      wayOut(image, scope, 'Platform'),
    ]);
  });

  test.each(GATES)('%s: there is none where gates read no grants', async (_, __, refusal) => {
    breakGlass = undefined;
    expect(await refusal(await judged('failed'))).not.toContain('Emergency');
  });

  test('an audit refuses nothing, and has none', async () => {
    gate.enforcement = 'AUDIT';
    expect(await hook(STACK_ID, uriOf(await judged('failed')))).not.toContain('Emergency');
  });

  test('what no grant lets through has none: a tag, and an external image', async () => {
    const shown = await hook(STACK_ID, 'nginx:latest', `nginx@sha256:${'e'.repeat(64)}`);
    expect(shown).not.toContain('Emergency');
  });
});

describe('nothing else is cut for it', () => {
  test('with many images, as many commands are shown as fit, each whole; the log has all', async () => {
    const images = Array.from({ length: 10 }, (_, at) => world.has('clean', [], `team/x${at}`));
    const shown = await hook(STACK_ID, ...images.map(uriOf));
    expect(shown.length).toBeLessThanOrEqual(SHOWN_CHARACTERS);
    const whole = images.map(image => wayOut(image, STACK, 'Platform'));
    const lines = shown.split('\n').filter(line => line.startsWith('Emergency'));
    expect(lines.length).toBeGreaterThan(0);
    expect(lines).toEqual(whole.slice(0, lines.length));
    for (const image of images) expect(shown).toContain(`${image} is refused`);
    for (const line of whole) expect(gate.said.join('\n')).toContain(line);
  });

  test('Cloud Control shows 1,024 characters: beside findings there is no room, and the log has it', async () => {
    const image = await judged('failed');
    breakGlass = undefined;
    const without = await hook(undefined, uriOf(image));
    breakGlass = BREAK_GLASS;
    const line = wayOut(image, ACCOUNT, 'Platform')!;
    expect(without.length + line.length).toBeGreaterThan(CLOUD_CONTROL_CHARACTERS);
    expect(await hook(undefined, uriOf(image))).toBe(without);
    expect(gate.said.at(-1)).toContain(line);
  });
});

async function judged(wanted: string): Promise<ImageName> {
  const [, , make] = STATES.find(([state]) => state === wanted)!;
  return make(world);
}
