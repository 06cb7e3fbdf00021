import type { EcsAnswer } from '../../../src/core/gates/ecs-answer';
import { imageOf, type ImageName } from '../../../src/core/image/image';
import { Seconds, Tries } from '../../../src/core/times';
import { decideEcsDeployment } from '../../../use-cases/gates/ecs-deployment';
import { World } from '../world';
import { ServiceGate, STATES, trusted, uriOf } from '../world/service-gate';

/**
 * The event is the documented one of the stage PRE_SCALE_UP, and a later look that of `hookDetails`; what
 * `DescribeServiceRevisions` answers has the documented shape.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/lambda-lifecycle-hooks.html
 * @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServiceRevisions.html
 */
const REVISION =
  'arn:aws:ecs:us-west-2:123456789012:service-revision/my-cluster/my-service/9313423515462893900';
const TASK_DEFINITION = 'arn:aws:ecs:us-west-2:123456789012:task-definition/web:5';
const EVENT = {
  executionId: 'e8d5a28f-eb01-4f3c-9454-a30ba6dc54bc',
  lifecycleStage: 'PRE_SCALE_UP',
  resourceArn:
    'arn:aws:ecs:us-west-2:123456789012:service-deployment/my-cluster/my-service/EZe5RNVLH6PPzHXINuP28',
  executionDetails: {
    serviceArn: 'arn:aws:ecs:us-west-2:123456789012:service/my-cluster/my-service',
    targetServiceRevisionArn: REVISION,
    testTrafficWeights: {},
    productionTrafficWeights: {},
  },
};
const ADMITTED: EcsAnswer = { hookStatus: 'SUCCEEDED' };
const REFUSED: EcsAnswer = { hookStatus: 'FAILED' };
const SIDECAR = 'public.ecr.aws/aws-observability/aws-otel-collector';
const DIGEST = `sha256:${'e'.repeat(64)}`;

interface Container {
  readonly name: string;
  readonly image: unknown;
  readonly versionConsistency?: string;
}

let world: World;
let gate: ServiceGate;
/** What ECS says. */
let containers: Container[];
let resolved: Record<string, { image?: string; digest?: string }>;
let describeRevision: (arn: string) => Promise<unknown>;
let describeTaskDefinition: (name: string) => Promise<unknown>;
let stack: string | undefined;
let stackStatus: string | undefined;

beforeEach(() => {
  world = new World();
  world.signs = true;
  gate = new ServiceGate(world);
  [containers, resolved] = [[], {}];
  [stack, stackStatus] = [undefined, undefined];
  describeRevision = async arn => ({
    serviceRevisions: [
      {
        serviceRevisionArn: arn,
        serviceArn: EVENT.executionDetails.serviceArn,
        taskDefinition: TASK_DEFINITION,
        containerImages: Object.entries(resolved).map(([containerName, { image, digest }]) => ({
          containerName,
          image,
          imageDigest: digest,
        })),
      },
    ],
    failures: [],
  });
  describeTaskDefinition = async () => ({
    taskDefinitionArn: TASK_DEFINITION,
    containerDefinitions: containers,
  });
});

function ask(event: unknown = EVENT): Promise<EcsAnswer> {
  return decideEcsDeployment(event, {
    ...gate.context(),
    ecs: {
      describeRevision: arn => describeRevision(arn),
      describeTaskDefinition: name => describeTaskDefinition(name),
      stackOf: async () => stack,
    },
    stackStatus: async () => stackStatus,
  });
}

/** A container by its tag, which ECS resolved. */
function runs(name: string, image: ImageName): void {
  const [uri] = uriOf(image).split('@');
  containers.push({ name, image: `${uri}:v1` });
  resolved[name] = { image: `${uri}:v1`, digest: imageOf(image).digest };
}

/** The reason that the team gets, since ECS shows none. */
function reason(): string {
  expect(gate.reported).toMatchObject([{ outcome: 'refused' }]);
  const { title, lines, nextSteps } = gate.reported[0]!.message!;
  return [title, ...lines, ...nextSteps].join('\n');
}

const REASONS: Record<string, string> = {
  failed: 'FAILED',
  revoked: 'REVOKED',
  expired: 'EXPIRED',
  unknown: 'NO_VERDICT',
  indeterminate: 'INDETERMINATE',
};

describe.each(STATES)('an image that is %s', (state, says, make) => {
  test.each([
    ['the digest to which ECS resolved its tag', runs],
    [
      'the digest in the task definition',
      (name: string, image: ImageName) => containers.push({ name, image: uriOf(image) }),
    ],
  ])(`is ${says === undefined ? 'admitted' : 'refused with the reason'}, by %s`, async (__, adds) => {
    const image = await make(world);
    adds('web', image);
    expect(await ask()).toEqual(says === undefined ? ADMITTED : REFUSED);
    if (says === undefined) return expect(gate.reported).toEqual([]);
    expect(reason()).toContain('refused: the service my-cluster/my-service');
    expect(reason()).toContain(`container "web": ${image} ${says}`);
  });

  test('decides for a sidecar too', async () => {
    runs('web', await trusted(world, 'team/web'));
    runs('sidecar', await make(world, 'team/sidecar'));
    expect(await ask()).toEqual(says === undefined ? ADMITTED : REFUSED);
    expect(gate.asked).toHaveLength(2);
  });

  test('goes on in an audit, and the team is notified of what is not trusted', async () => {
    gate.enforcement = 'AUDIT';
    runs('web', await make(world));
    expect(await ask()).toEqual(ADMITTED);
    if (says === undefined) return expect(gate.reported).toEqual([]);
    expect(gate.reported).toMatchObject([
      {
        outcome: 'ignored',
        message: {
          title: `deployed without trust: the service my-cluster/my-service (${REASONS[state]})`,
          lines: [
            'its gate only audits (Enforcement.audit)',
            expect.stringContaining(says),
            ...(gate.reported[0]!.message!.lines.slice(2) as unknown[]),
          ],
        },
      },
    ]);
  });
});

describe('rule 5.7, fail closed: which image a container runs', () => {
  const DISABLED = { name: 'web', versionConsistency: 'disabled' };

  test.each<[string, string, (image: ImageName) => void]>([
    [
      'a tag that ECS did not resolve',
      'has no digest, and a tag may name another image later',
      image => {
        runs('web', image);
        delete resolved.web;
      },
    ],
    [
      'a tag that ECS resolves for each task, although it names a digest now',
      'has no digest, and a tag may name another image later',
      image => {
        runs('web', image);
        containers = [{ ...DISABLED, image: containers[0]!.image }];
      },
    ],
    [
      'another digest than the one in the task definition',
      'it was resolved to another digest',
      image => {
        containers.push({ name: 'web', image: uriOf(image) });
        resolved.web = { digest: DIGEST };
      },
    ],
    [
      'a digest that is not one',
      'its digest is not sha256:<64 hex>',
      image => {
        runs('web', image);
        resolved.web = { digest: 'latest' };
      },
    ],
    [
      'a host that begins like a registry of Amazon ECR',
      'it is in 000000000000.dkr.ecr.us-east-1.amazonaws.com.evil.io',
      image => {
        containers.push({ name: 'web', image: uriOf(image).replace('.com/', '.com.evil.io/') });
      },
    ],
    [
      'a host that ends like one',
      'it is in evil.io.000000000000.dkr.ecr.us-east-1.amazonaws.com',
      image => {
        containers.push({ name: 'web', image: `evil.io.${uriOf(image)}` });
      },
    ],
    [
      "another account's registry, with the same digest",
      'it is in 111111111111.us-east-1, and only images of 000000000000.us-east-1 are scanned here',
      image => {
        containers.push({ name: 'web', image: uriOf(image).replace('000000000000', '111111111111') });
      },
    ],
    [
      'another region, with the same digest',
      'it is in 000000000000.eu-west-1',
      image => {
        containers.push({ name: 'web', image: uriOf(image).replace('us-east-1', 'eu-west-1') });
      },
    ],
    [
      'another repository, with the same digest',
      'team/other@',
      image => {
        containers.push({ name: 'web', image: uriOf(image).replace('team/clean', 'team/other') });
      },
    ],
    ['Docker Hub', 'it is in docker.io', () => containers.push({ name: 'web', image: `nginx@${DIGEST}` })],
    ['no image', 'the image (none)', () => containers.push({ name: 'web', image: undefined })],
    [
      'no text',
      'the image (of type object)',
      () => containers.push({ name: 'web', image: { Ref: 'Image' } }),
    ],
    [
      'a name that is none',
      'is not the name of an image',
      () => containers.push({ name: 'web', image: 'a@b@c' }),
    ],
    [
      'a container that ECS added',
      'container "envoy", which is not in the task definition,: 000000000000.us-east-1/team/unknown@',
      image => {
        runs('web', image);
        resolved.envoy = { image: uriOf(image).replace(/team.+/, 'team/unknown:v1'), digest: DIGEST };
      },
    ],
  ])('%s', async (_, says, adds) => {
    adds(await trusted(world));
    expect(await ask()).toEqual(REFUSED);
    expect(reason()).toContain(says);
  });

  test('a container of which ECS says two images is refused, also if the first is trusted', async () => {
    const [good, bad] = [await trusted(world, 'team/good'), await STATES[1]![2](world, 'team/bad')];
    const before = describeRevision;
    runs('web', good);
    expect(await ask()).toEqual(ADMITTED);
    describeRevision = async arn => {
      const { serviceRevisions } = (await before(arn)) as {
        serviceRevisions: { containerImages: object[] }[];
      };
      const [revision] = serviceRevisions;
      const other = { containerName: 'web', imageDigest: imageOf(bad).digest };
      return {
        serviceRevisions: [{ ...revision, containerImages: [...revision!.containerImages, other] }],
      };
    };
    expect(await ask()).toEqual(REFUSED);
    expect(reason()).toContain('Amazon ECS says of two images that the container "web" runs them');
  });

  test('a container whose tag ECS resolves for each task is admitted by its digest', async () => {
    const image = await trusted(world);
    containers.push({ ...DISABLED, image: uriOf(image) });
    expect(await ask()).toEqual(ADMITTED);
  });
});

describe('a stack that sets the former task definition', () => {
  const STACK = 'arn:aws:cloudformation:us-west-2:123456789012:stack/web/1';

  test.each<[string, string | undefined, string | undefined, EcsAnswer]>([
    ['because it is rolling back', STACK, 'UPDATE_ROLLBACK_IN_PROGRESS', ADMITTED],
    [
      'EcsDeploymentGate refuses a service of Amazon ECS, by a stack: somebody deployed it',
      STACK,
      'UPDATE_IN_PROGRESS',
      REFUSED,
    ],
    ['that does not exist: the service has none', undefined, 'UPDATE_ROLLBACK_IN_PROGRESS', REFUSED],
  ])('%s', async (_, of, now, answer) => {
    [stack, stackStatus] = [of, now];
    runs('web', await STATES[2]![2](world));
    expect(await ask()).toEqual(answer);
    expect(gate.reported).toMatchObject([{ outcome: answer === ADMITTED ? 'ignored' : 'refused' }]);
  });

  test('and nobody says why: it is looked at again', async () => {
    stack = STACK;
    runs('web', await STATES[2]![2](world));
    expect(await ask()).toMatchObject({ hookStatus: 'IN_PROGRESS' });
  });

  test('brings back no image that was never trusted', async () => {
    [stack, stackStatus] = [STACK, 'UPDATE_ROLLBACK_IN_PROGRESS'];
    runs('web', await STATES[1]![2](world));
    expect(await ask()).toEqual(REFUSED);
  });
});

describe('a repository of another account', () => {
  const other = '444455556666';
  const uri = `${other}.dkr.ecr.us-east-1.amazonaws.com/shop/web@${DIGEST}`;

  test('is judged by the trust that has enrolled it, and its digest on the list counts for nothing', async () => {
    gate.enrolment = [{ by: 'name', name: 'shop/web', account: other }];
    gate.allowedDigests = [DIGEST];
    containers.push({ name: 'web', image: uri });
    expect(await ask()).toEqual(REFUSED);
    expect(gate.asked).toEqual([`${other}.us-east-1/shop/web@${DIGEST}`]);
  });

  test('is elsewhere for a trust that has not', async () => {
    gate.allowedDigests = [DIGEST];
    containers.push({ name: 'web', image: uri });
    expect(await ask()).toEqual(ADMITTED);
    expect(gate.asked).toEqual([]);
  });
});

describe('external images', () => {
  test('run if their digest is on the list, whichever name they have', async () => {
    gate.allowedDigests = [DIGEST];
    runs('web', await trusted(world));
    containers.push(
      { name: 'pinned', image: `${SIDECAR}@${DIGEST}` },
      { name: 'tagged', image: `${SIDECAR}:1` },
    );
    resolved.tagged = { digest: DIGEST };
    expect(await ask()).toEqual(ADMITTED);
    expect(gate.asked).toHaveLength(1);
  });

  test('another digest of the same name does not', async () => {
    gate.allowedDigests = [DIGEST];
    containers.push({ name: 'otel', image: `${SIDECAR}@sha256:${'f'.repeat(64)}` });
    expect(await ask()).toEqual(REFUSED);
    expect(reason()).toContain('list its digest: allowedImages of the gate');
  });

  test('what the trust judges needs its verdict, also if its digest is on the list', async () => {
    const image = await STATES[1]![2](world);
    gate.allowedDigests = [imageOf(image).digest];
    runs('web', image);
    expect(await ask()).toEqual(REFUSED);
  });
});

describe('rule 5.7, fail closed: what is not as documented', () => {
  const { executionDetails } = EVENT;

  test.each<[string, string, unknown]>([
    ['nothing', 'all of it', null],
    ['text', 'all of it', 'PRE_SCALE_UP'],
    ['no execution id', 'executionId', { ...EVENT, executionId: undefined }],
    ['no stage', 'lifecycleStage', { ...EVENT, lifecycleStage: undefined }],
    ['no details', 'executionDetails', { ...EVENT, executionDetails: undefined }],
    [
      'no revision',
      'executionDetails.targetServiceRevisionArn',
      { ...EVENT, executionDetails: { ...executionDetails, targetServiceRevisionArn: undefined } },
    ],
    [
      'a task definition for a revision',
      'executionDetails.targetServiceRevisionArn',
      { ...EVENT, executionDetails: { ...executionDetails, targetServiceRevisionArn: TASK_DEFINITION } },
    ],
    [
      'a stage at which tasks run already',
      'asked at the stage "POST_SCALE_UP", allowed: PRE_SCALE_UP',
      { ...EVENT, lifecycleStage: 'POST_SCALE_UP' },
    ],
  ])('an event with %s', async (_, says, event) => {
    runs('web', await trusted(world));
    expect(await ask(event)).toEqual(REFUSED);
    expect(reason()).toContain(says);
    expect(gate.asked).toEqual([]);
  });

  test.each<[string, string, () => void]>([
    [
      'no revision (one from before October 2024, for example)',
      'Amazon ECS does not describe the revision',
      () => {
        describeRevision = async () => ({ serviceRevisions: [], failures: [{ reason: 'MISSING' }] });
      },
    ],
    ['nothing', 'does not describe', () => (describeRevision = async () => undefined)],
    [
      'another revision',
      'describes another revision',
      () => {
        const before = describeRevision;
        describeRevision = () => before(`${REVISION}1`);
      },
    ],
    [
      'a revision without a task definition',
      'taskDefinition',
      () => (describeRevision = async () => ({ serviceRevisions: [{ serviceRevisionArn: REVISION }] })),
    ],
    ['no task definition', 'all of it', () => (describeTaskDefinition = async () => undefined)],
    [
      'a task definition without containers',
      'containerDefinitions',
      () => (describeTaskDefinition = async () => ({ containerDefinitions: [] })),
    ],
    [
      'a container without a name',
      'containerDefinitions.0.name',
      () => (describeTaskDefinition = async () => ({ containerDefinitions: [{ image: 'a' }] })),
    ],
  ])('Amazon ECS describes %s', async (_, says, describes) => {
    runs('web', await trusted(world));
    describes();
    expect(await ask()).toEqual(REFUSED);
    expect(reason()).toContain(says);
  });

  test('a trust that is published in another way', async () => {
    gate.schemaVersion = '2';
    runs('web', await trusted(world));
    expect(await ask()).toEqual(REFUSED);
    expect(reason()).toContain('the trust is published with schemaVersion "2", allowed: "1"');
  });

  test('a key that is not pinned', async () => {
    runs('web', await trusted(world));
    gate.pinned = [];
    expect(await ask()).toEqual(REFUSED);
    expect(reason()).toContain('its statement is not signed by a pinned key (pinned: none)');
  });
});

describe('what may be over soon is looked at again, and refused in the end', () => {
  const throttled = () =>
    Promise.reject(Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' }));
  const again = (looks: number) => ({
    hookStatus: 'IN_PROGRESS',
    callBackDelay: Seconds.gateLooksAgain,
    hookDetails: { trustedImagesLooks: looks },
  });

  test.each<[string, string, (image: ImageName) => void]>([
    ['a register that throttles', 'ThrottlingException: Rate exceeded', () => (gate.load = throttled)],
    ['Amazon ECS that throttles', 'ThrottlingException: Rate exceeded', () => (describeRevision = throttled)],
    [
      'an answer that does not come in time',
      'no decision within 15 seconds',
      () => {
        gate.load = () => new Promise(() => undefined);
        gate.pause = async () => undefined;
      },
    ],
  ])('%s', async (_, says, breaks) => {
    const image = await trusted(world);
    runs('web', image);
    breaks(image);
    const answers: EcsAnswer[] = [];
    let hookDetails: unknown;
    do {
      const answer = await ask({ ...EVENT, hookDetails });
      answers.push(answer);
      hookDetails = 'hookDetails' in answer ? answer.hookDetails : undefined;
    } while (hookDetails !== undefined);
    expect(answers).toEqual([
      ...Array.from({ length: Tries.gateLooks - 1 }, (__, at) => again(at + 1)),
      REFUSED,
    ]);
    expect(reason()).toContain(says);
  });

  test('a signature and a scan that are under way', async () => {
    world.signs = false;
    runs('web', await trusted(world));
    expect(await ask()).toEqual(again(1));
    const image = world.has('clean', [], 'team/scanned');
    world.push(image, 'v1');
    await world.settle({ minutes: 0.5 });
    expect(world.row(image).lease).toBeDefined();
    [containers, resolved] = [[], {}];
    runs('web', image);
    expect(await ask()).toEqual(again(1));
  });

  test('not if another image is refused for good', async () => {
    world.signs = false;
    runs('web', await trusted(world, 'team/web'));
    runs('sidecar', await STATES[1]![2](world));
    expect(await ask()).toEqual(REFUSED);
  });

  test('what the author of a service puts there does not prolong it', async () => {
    gate.load = throttled;
    runs('web', await trusted(world));
    for (const trustedImagesLooks of [-100, 1.5, 'x', 1e9]) {
      expect(await ask({ ...EVENT, hookDetails: { trustedImagesLooks } })).toEqual(again(1));
    }
  });
});
