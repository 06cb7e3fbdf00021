import * as z from 'zod';
import { ScanId } from '../ids';
import { ImageName, imageName, imageOf, sibling } from '../image/image';
import { MILLISECONDS, Seconds } from '../times';

/** In place of an image: the grant is for every image of the trust. That is the emergency off. */
export const EVERY_IMAGE = '*';

/**
 * The key of the table of grants. Each grant is a row of its own, so that none is ever written over: what was
 * granted, used and ended can be published however late.
 */
export const GrantsKey = { partitionKey: 'pk', sortKey: 'grantId' } as const;

/** Separates the parts of a key. It is in no image, no ARN and no account. */
const SEPARATOR = '|';
const ACCOUNT = /^\d{12}$/;
const RUNNER =
  /^arn:aws[a-z-]*:[a-z0-9-]{1,40}:[a-z0-9-]{1,40}:(\d{12}):[A-Za-z0-9][A-Za-z0-9+=,.@_:/-]{0,500}$/;
const STACK = /^(arn:aws[a-z-]*:cloudformation:[^:]+:\d{12}:stack\/[^/]+)\/[^/]+$/;

/** What gates name as the runner: a grant for any other ARN would match nothing, and help nobody at night. */
const GATED =
  /^arn:aws[a-z-]*:(?:cloudformation:[^:]+:\d{12}:stack\/[^/:]+(?:\/[^/:]+)?|ecs:[^:]+:\d{12}:service\/[^/:]+(?:\/[^/:]+)?|lambda:[^:]+:\d{12}:function:[^/:]+(?::[^/:]+)?)$/;

/** For people. */
export const GRANT_SCOPES =
  'the ARN of one CloudFormation stack (arn:aws:cloudformation:<region>:<account>:stack/<name>), of one service of Amazon ECS (arn:aws:ecs:<region>:<account>:service/<cluster>/<name>) or of the function of a PipelineGate (arn:aws:lambda:<region>:<account>:function:<name>), or an account of 12 digits';

/**
 * Where an image may run: an account, or the ARN of one stack, one service of Amazon ECS, or the function of
 * a PipelineGate, which is not told which pipeline asks.
 */
export const GrantScope = z
  .string()
  .refine(
    scope => ACCOUNT.test(scope) || (RUNNER.test(scope) && GATED.test(scope)),
    'not an account of 12 digits and no ARN that a gate names',
  )
  .transform(withoutStackId);

/** An image, or every image. */
export const GrantedImage = z.union([z.literal(EVERY_IMAGE), ImageName]);

/**
 * A break-glass grant: who lets which image run where, why, and until when (0039). It makes no image trusted:
 * gates admit the image in spite of their refusal.
 */
export const Grant = z.strictObject({
  pk: z.string(),
  schema: z.literal(1),
  grantId: ScanId,
  image: GrantedImage,
  scope: GrantScope,
  grantedAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  /** The ARN of the caller, as AWS said who it is. */
  grantedBy: z.string().min(1),
  justification: z.string().min(1),
  ticket: z.string().min(1),
  endedAt: z.iso.datetime().optional(),
  endedBy: z.string().optional(),
});
export type Grant = z.infer<typeof Grant>;

/** All grants for an image in an account have one key, whatever their scope. */
export function grantKey({ image, scope }: Pick<Grant, 'image' | 'scope'>): string {
  return `${accountOf(scope) ?? ''}${SEPARATOR}${image}`;
}

/** The pattern of the keys of an account, for policies. */
export function grantKeysOf(account: string): string[] {
  return [`${account}${SEPARATOR}*`];
}

/** The keys of all grants that can apply: of the image and of every image. None without an account. */
export function grantKeys(image: ImageName, runner: string): string[] {
  const scope = accountOf(runner);
  if (scope === undefined) return [];
  return [image, EVERY_IMAGE].map(each => grantKey({ image: each, scope }));
}

/** Whether a grant is for this image, and for what runs it or for its account. */
export function covers(
  { image, scope }: Pick<Grant, 'image' | 'scope'>,
  run: ImageName,
  runner: string,
): boolean {
  return (
    (image === run || image === EVERY_IMAGE) &&
    (scope === withoutStackId(runner) || (ACCOUNT.test(scope) && scope === accountOf(runner)))
  );
}

/** The first grant for an image, for what it is needed for, or for every image, wherever it may run. */
export function grantCovering(
  image: ImageName,
  digests: ReadonlySet<string>,
  grants: readonly Grant[],
): Grant | undefined {
  const names = new Set([...digests].map(digest => imageName(sibling(imageOf(image), digest))));
  return grants.find(grant => grant.image === EVERY_IMAGE || names.has(grant.image));
}

export function accountOf(scope: string): string | undefined {
  return ACCOUNT.test(scope) ? scope : RUNNER.exec(scope)?.[1];
}

/** How long a grant may be active. Every image may run for a shorter time than one. */
export function longestLife(image: Grant['image']): number {
  return image === EVERY_IMAGE ? Seconds.emergencyOff : Seconds.breakGlass;
}

/** A row that is not exactly a grant is no grant (rule 5.7, fail closed). */
export function readGrant(row: unknown): Grant | undefined {
  const { data } = Grant.safeParse(row);
  return data !== undefined && data.pk === grantKey(data) ? data : undefined;
}

/** Whether a grant counts now: DynamoDB deletes nothing in time, so the gate's clock decides. */
export function lives({ image, grantedAt, expiresAt, endedAt }: Grant, now: Date): boolean {
  const [from, until, at] = [Date.parse(grantedAt), Date.parse(expiresAt), now.getTime()];
  return (
    endedAt === undefined &&
    from <= at + Seconds.clockSkew * 1000 &&
    until <= from + longestLife(image) * 1000 &&
    at < until
  );
}

/** Whether a grant counted at a time that is over: for what was not asked then, and is looked at later. */
export function livedAt({ endedAt, ...grant }: Grant, then: Date): boolean {
  return lives(grant, then) && (endedAt === undefined || then.getTime() < Date.parse(endedAt));
}

/**
 * What nobody checks of a grant, for people: a scope that no gate names lets nothing run, and may be of an
 * account that the trust cannot read.
 */
export function notChecked({ image, scope }: Pick<Grant, 'image' | 'scope'>): string[] {
  if (ACCOUNT.test(scope)) return [];
  const [, , , region] = scope.split(':');
  const imageRegion = image === EVERY_IMAGE ? region : imageOf(image).region;
  return [
    `not checked: whether ${scope} exists and a gate asks for it; the refusal names the scope that its gate asks for`,
    ...(region === imageRegion ? [] : [`the scope is in ${region}, and the image in ${imageRegion}`]),
  ];
}

/** How long a grant is still active, for people. */
export function timeLeft({ expiresAt }: Pick<Grant, 'expiresAt'>, now: Date): string {
  const minutes = Math.max(0, Math.ceil((Date.parse(expiresAt) - now.getTime()) / 60_000));
  const hours = Math.floor(minutes / (MILLISECONDS.hour / 60_000));
  return hours === 0 ? `${minutes} minutes` : `${hours} h ${minutes % 60} min`;
}

/** The id of a stack changes when it is created again. People know its name. */
function withoutStackId(scope: string): string {
  return STACK.exec(scope)?.[1] ?? scope;
}
