import * as z from 'zod';
import type { ImageToRun } from './image-to-run';
import { whyUnread } from './unread';
import { failed, ok, type Result } from '../result';
import { quoted } from '../text/plain-text';
import { Tries } from '../times';

/** Before the first task of a new revision starts. */
const STAGE = 'PRE_SCALE_UP';

/**
 * What Amazon ECS sends to a hook of a deployment.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/lambda-lifecycle-hooks.html
 */
const Hook = z.object({
  executionId: z.string().min(1),
  lifecycleStage: z.string(),
  resourceArn: z.string(),
  executionDetails: z.object({
    serviceArn: z.string().regex(/^arn:[\w-]+:ecs:[\w-]+:\d{12}:service\/\S+$/),
    targetServiceRevisionArn: z.string().regex(/^arn:[\w-]+:ecs:[\w-]+:\d{12}:service-revision\/\S+$/),
  }),
  hookDetails: z.unknown().optional(),
});

/** What the hook left for itself, beside what the author of the service put there. */
const Details = z.object({ trustedImagesLooks: z.number().int().min(0).max(Tries.gateLooks) });

export interface EcsDeployment {
  readonly serviceArn: string;
  readonly revisionArn: string;
  /** How often the gate has looked before. */
  readonly looks: number;
}

export function readEcsHook(event: unknown): Result<EcsDeployment, string> {
  const read = Hook.safeParse(event);
  if (!read.success) return failed(whyUnread('the event of Amazon ECS', read.error));
  const { lifecycleStage, executionDetails, hookDetails } = read.data;
  if (lifecycleStage !== STAGE) {
    return failed(
      `the gate was asked at the stage ${quoted(lifecycleStage, 60)}, allowed: ${STAGE}, before a task starts; attach the gate with gate.guard(service)`,
    );
  }
  const details = Details.safeParse(hookDetails);
  return ok({
    serviceArn: executionDetails.serviceArn,
    revisionArn: executionDetails.targetServiceRevisionArn,
    looks: details.success ? details.data.trustedImagesLooks : 0,
  });
}

const Revision = z.object({
  serviceRevisionArn: z.string(),
  taskDefinition: z.string().min(1),
  containerImages: z
    .array(
      z.object({
        containerName: z.string(),
        image: z.unknown().optional(),
        imageDigest: z.string().min(1).optional(),
      }),
    )
    .optional(),
});
export type Revision = z.infer<typeof Revision>;

/** The one revision that was asked for, of what `DescribeServiceRevisions` answers. */
export function readRevision(answer: unknown, revisionArn: string): Result<Revision, string> {
  const read = z.object({ serviceRevisions: z.array(z.unknown()) }).safeParse(answer);
  const [only, ...more] = read.success ? read.data.serviceRevisions : [];
  if (only === undefined || more.length > 0) {
    return failed(`Amazon ECS does not describe the revision ${quoted(revisionArn, 300)}`);
  }
  const revision = Revision.safeParse(only);
  if (!revision.success) return failed(whyUnread('the revision of the service', revision.error));
  return revision.data.serviceRevisionArn === revisionArn
    ? ok(revision.data)
    : failed(`Amazon ECS describes another revision than ${quoted(revisionArn, 300)}`);
}

const TaskDefinition = z.object({
  containerDefinitions: z
    .array(
      z.object({
        name: z.string().min(1),
        image: z.unknown().optional(),
        versionConsistency: z.string().optional(),
      }),
    )
    .min(1),
});

/**
 * The images of all containers of a revision, sidecars too. ECS resolves tags once for a revision, and says
 * to which digests: most likely only when the first task starts, which is too late for the gate. It does not
 * for a container with `versionConsistency: disabled`, whose tag is resolved again for each task.
 */
export function imagesOfRevision(
  { containerImages = [] }: Revision,
  taskDefinition: unknown,
): Result<readonly ImageToRun[], string> {
  const read = TaskDefinition.safeParse(taskDefinition);
  if (!read.success) return failed(whyUnread('the task definition', read.error));
  const { containerDefinitions: defined } = read.data;
  const names = containerImages.map(({ containerName }) => containerName);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) {
    return failed(`Amazon ECS says of two images that the container ${quoted(twice, 255)} runs them`);
  }
  const ofDefinition = defined.map(({ name, image, versionConsistency = 'enabled' }): ImageToRun => {
    const of = `container ${quoted(name, 255)}`;
    if (versionConsistency !== 'enabled') return { of, reference: image };
    const resolved = containerImages.find(({ containerName }) => containerName === name);
    return { of, reference: image, digest: resolved?.imageDigest };
  });
  // ECS may add containers of its own, for example of Service Connect
  const added = containerImages
    .filter(({ containerName }) => !defined.some(({ name }) => name === containerName))
    .map(({ containerName, image, imageDigest }): ImageToRun => ({
      of: `container ${quoted(containerName, 255)}, which is not in the task definition,`,
      reference: image,
      digest: imageDigest,
    }));
  return ok([...ofDefinition, ...added]);
}
