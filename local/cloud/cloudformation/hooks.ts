import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { HOOK, HOOK_CALL } from './hooked-template';
import { Place, Places } from '../accounts/places';
import { errorAnswer, jsonAnswer } from '../gateway/answer';
import { Route } from '../gateway/route';
import type { Upstream } from '../gateway/upstream';
import { invokeAs } from '../invoke-as';
import { messageOf, Say } from '../say';

const MOST_LOOKS = 4;
const STACK_ID = /^arn:aws:cloudformation:(?<region>[^:]+):(?<account>\d{12}):stack\/(?<stack>[^/]+)\//;

const Event = z.object({
  RequestType: z.enum(['Create', 'Update', 'Delete']),
  RequestId: z.string(),
  StackId: z.string().regex(STACK_ID),
  ResponseURL: z.string(),
  ResourceType: z.enum([HOOK, HOOK_CALL]),
  LogicalResourceId: z.string(),
  PhysicalResourceId: z.string().optional(),
  ResourceProperties: z.unknown(),
  OldResourceProperties: z.unknown().optional(),
});
type Event = z.infer<typeof Event>;

const Hook = z.object({
  Alias: z.string().regex(/^\w+::\w+::\w+$/),
  LambdaFunction: z.string(),
  ExecutionRole: z.string(),
  FailureMode: z.enum(['FAIL', 'WARN']),
  HookStatus: z.enum(['ENABLED', 'DISABLED']),
  TargetOperations: z.array(z.enum(['RESOURCE', 'CLOUD_CONTROL'])),
  TargetFilters: z.object({
    Targets: z.array(
      z.object({
        TargetName: z.string(),
        Action: z.enum(['CREATE', 'UPDATE', 'DELETE']),
        InvocationPoint: z.literal('PRE_PROVISION'),
      }),
    ),
  }),
  StackFilters: z
    .object({
      StackNames: z.object({
        Include: z.array(z.string()).optional(),
        Exclude: z.array(z.string()).optional(),
      }),
    })
    .optional(),
});
type Hook = z.infer<typeof Hook> & { readonly place: Place };

const HookCall = z.object({
  TargetName: z.string(),
  TargetLogicalId: z.string(),
  ResourceProperties: z.unknown(),
});

const HookAnswer = z.object({
  hookStatus: z.enum(['SUCCESS', 'FAILED', 'IN_PROGRESS']),
  message: z.string().optional(),
  clientRequestToken: z.string(),
  callbackDelaySeconds: z.number().optional(),
});

interface Outcome {
  /** Of a hook that is new. */
  readonly id?: string;
  /** Why the deployment fails. */
  readonly why?: string;
}

/**
 * Lambda hooks of CloudFormation, for resources of stacks: each is asked before a resource of its types is
 * created or updated, and fails the deployment. Numbers and booleans of the resource arrive as text. A hook
 * that Cloud Control asks too ignores its filters of stacks.
 *
 * @see https://docs.aws.amazon.com/cloudformation-cli/latest/hooks-userguide/hooks-stack-level-filtering.html
 */
export class Hooks {
  /** Of this run, for the functions that ask. */
  public readonly token = randomBytes(24).toString('base64url');
  private readonly hooks = new Map<string, Hook>();

  constructor(
    private readonly places: Places,
    private readonly upstream: Upstream,
    private readonly say: Say,
  ) {}

  /** What the custom resources of a template ask. They wait for the answer at their URL. */
  public readonly route: Route = async call => {
    if (call.method !== 'POST' || call.path !== '/_local/hooks') return undefined;
    if (call.headers['x-local-token'] !== this.token) {
      return errorAnswer('AccessDeniedException', 'x-local-token is not the token of the hooks', 403);
    }
    const event = Event.parse(await call.json());
    this.answer(event).catch((error: unknown) => this.say(`hook: no answer: ${messageOf(error)}`));
    return jsonAnswer(200, {});
  };

  /** The types that hooks want to see of a stack. */
  public typesFor(place: Place, stack: string): Set<string> {
    return new Set(
      this.of(place, stack).flatMap(({ TargetFilters }) =>
        TargetFilters.Targets.map(({ TargetName }) => TargetName),
      ),
    );
  }

  private of({ account, region }: Place, stack: string): Hook[] {
    return [...this.hooks.values()].filter(({ place, HookStatus, TargetOperations, StackFilters }) => {
      const { Include, Exclude = [] } =
        (TargetOperations.includes('CLOUD_CONTROL') ? undefined : StackFilters?.StackNames) ?? {};
      return (
        HookStatus === 'ENABLED' &&
        TargetOperations.includes('RESOURCE') &&
        place.account === account &&
        place.region === region &&
        (Include?.includes(stack) ?? true) &&
        !Exclude.includes(stack)
      );
    });
  }

  private async answer(event: Event): Promise<void> {
    const { StackId, RequestId, LogicalResourceId, ResponseURL } = event;
    const done = await this.handle(event).catch((error: unknown): Outcome => ({ why: messageOf(error) }));
    const { pathname } = new URL(ResponseURL);
    const body = {
      Status: done.why === undefined ? 'SUCCESS' : 'FAILED',
      Reason: done.why,
      PhysicalResourceId: done.id ?? event.PhysicalResourceId ?? LogicalResourceId,
      StackId,
      RequestId,
      LogicalResourceId,
    };
    await this.upstream.send('PUT', pathname, Buffer.from(JSON.stringify(body)));
  }

  private async handle(event: Event): Promise<Outcome> {
    const { StackId, RequestType, ResourceType, PhysicalResourceId = '' } = event;
    const { region, account, stack } = STACK_ID.exec(StackId)!.groups as Record<string, string>;
    const place = { account: account!, region: region! };
    if (ResourceType === HOOK) {
      if (RequestType === 'Delete') {
        this.hooks.delete(PhysicalResourceId);
        return {};
      }
      const hook = Hook.parse(event.ResourceProperties);
      const id = `arn:aws:cloudformation:${region}:${account}:type/hook/${hook.Alias.replaceAll('::', '-')}`;
      this.hooks.set(id, { ...hook, place });
      return { id };
    }
    if (RequestType === 'Delete') return {};
    const action = RequestType === 'Create' ? 'CREATE' : 'UPDATE';
    const { TargetName } = HookCall.parse(event.ResourceProperties);
    const whys: string[] = [];
    for (const hook of this.of(place, stack!)) {
      const isTarget = hook.TargetFilters.Targets.some(
        target => target.TargetName === TargetName && target.Action === action,
      );
      const why = isTarget ? await this.whyRefused(hook, event, `${action}_PRE_PROVISION`) : undefined;
      if (why === undefined) continue;
      this.say(`hook: ${hook.Alias} ${hook.FailureMode === 'WARN' ? 'warns' : 'fails'}: ${why}`);
      if (hook.FailureMode === 'FAIL') {
        whys.push(`The following hook(s) failed: [${hook.Alias}]: ${why}`);
      }
    }
    return whys.length === 0 ? {} : { why: whys.join('; ') };
  }

  /** Undefined if the hook lets the resource through. What is no answer is a failure. */
  private async whyRefused(
    { Alias, LambdaFunction, ExecutionRole, place }: Hook,
    { StackId, ResourceProperties, OldResourceProperties }: Event,
    actionInvocationPoint: string,
  ): Promise<string | undefined> {
    const {
      TargetName,
      TargetLogicalId,
      ResourceProperties: resourceProperties,
    } = HookCall.parse(ResourceProperties);
    const old = HookCall.safeParse(OldResourceProperties).data;
    const clientRequestToken = randomUUID();
    const invoker = {
      principal: 'hooks.cloudformation.amazonaws.com',
      keys: { 'aws:sourceaccount': [place.account] },
      roleArn: ExecutionRole,
    };
    for (let invocation = 1; invocation <= MOST_LOOKS; invocation++) {
      const payload = {
        clientRequestToken,
        awsAccountId: place.account,
        stackId: StackId,
        changeSetId: null,
        hookTypeName: Alias,
        hookTypeVersion: '00000001',
        hookModel: { LambdaFunction },
        actionInvocationPoint,
        requestData: {
          targetName: TargetName,
          targetType: TargetName,
          targetLogicalId: TargetLogicalId,
          targetModel: { resourceProperties, previousResourceProperties: old?.ResourceProperties ?? null },
          payload: null,
        },
        requestContext: { invocation, callbackContext: null },
      };
      const said = await invokeAs(invoker, LambdaFunction, payload, place, this.places).catch(messageOf);
      const { data: answer } = HookAnswer.safeParse(said);
      if (answer === undefined || answer.clientRequestToken !== clientRequestToken) {
        return `no answer of a hook: ${JSON.stringify(said)}`;
      }
      if (answer.hookStatus === 'SUCCESS') return undefined;
      if (answer.hookStatus === 'FAILED') return answer.message ?? 'no reason';
      await sleep((answer.callbackDelaySeconds ?? 0) * 1000);
    }
    return `the hook is in progress after ${MOST_LOOKS} invocations`;
  }
}
