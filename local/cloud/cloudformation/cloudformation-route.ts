import { S3 } from '@aws-sdk/client-s3';
import { hookedTemplate } from './hooked-template';
import { Hooks } from './hooks';
import { mentionsInserted, withoutInserted } from './inserted';
import { whyQuotaIsExceeded } from './quotas';
import { refusalsOfUpdate, whyDeletionIsRefused, whyTemplateIsRefused } from './refused-updates';
import { refusingTemplate } from './refusing-template';
import { takenName } from './taken-names';
import { Places } from '../accounts/places';
import { whyLimitIsRefused } from '../codebuild/project-limit';
import { RegistrySettings } from '../ecr/registry-settings';
import { Answer } from '../gateway/answer';
import { Call } from '../gateway/call';
import { errorInItsManner } from '../gateway/error-in-its-manner';
import { Route } from '../gateway/route';
import { Say } from '../say';
import { escapeXml, unescapeXml } from '../xml';
import { mentionsRewrite, restoreTemplate, rewriteTemplate, Template } from './template';

export interface CloudformationRouteOptions {
  readonly places: Places;
  readonly settings: RegistrySettings;
  readonly hooks: Hooks;
  readonly say: Say;
  /** How many builds CodeBuild runs at once. */
  buildQuota(): number;
}

/**
 * Templates on their way in lose what MiniStack cannot take, and get it back on their way out, so that `cdk
 * diff` sees no change. The template is rewritten where it lies in S3: the caller's request goes on as it was
 * signed.
 */
export function cloudformationRoute({
  places,
  settings,
  hooks,
  say,
  buildQuota,
}: CloudformationRouteOptions): Route {
  return async call => {
    if (!call.isForm) return undefined;
    const form = await call.form();
    const action = form.get('Action') ?? '';
    const stack = form.get('StackName') ?? '';
    const url = form.get('TemplateURL');
    if (!['CreateChangeSet', 'CreateStack', 'DeleteStack', 'GetTemplate', 'UpdateStack'].includes(action)) {
      return undefined;
    }
    const place = await places.of(call);
    const aws = places.in(place);
    if (url !== null && !['DeleteStack', 'GetTemplate'].includes(action)) {
      const template = await rewriteInS3(url, aws.s3, say, async given => {
        const refusals = await refusalsOfUpdate(given, stack, place, aws, say);
        const refusing = refusingTemplate(given, refusals);
        const types = hooks.typesFor(place, stack);
        return hookedTemplate(refusing ?? given, types, hooks.token) ?? refusing;
      });
      const why =
        template &&
        (whyQuotaIsExceeded(template) ??
          whyBuildLimitIsRefused(template, buildQuota()) ??
          (await whyTemplateIsRefused(template, stack, aws)) ??
          (await takenName(template, stack, place, aws)));
      if (why !== undefined) return errorInItsManner(call, 400, 'ValidationError', why);
      if (template !== undefined) settings.learn(stack, template);
    }
    if (action === 'DeleteStack') {
      const why = await whyDeletionIsRefused(stack, aws);
      if (why !== undefined) return errorInItsManner(call, 400, 'ValidationError', why);
      settings.forget(stack);
    }
    return action === 'GetTemplate' ? restored(call) : undefined;
  };
}

/** On AWS, its resource would be refused, later. */
function whyBuildLimitIsRefused({ Resources }: Template, quota: number): string | undefined {
  return Object.values(Resources ?? {})
    .filter(({ Type }) => Type === 'AWS::CodeBuild::Project')
    .map(({ Properties }) => whyLimitIsRefused(Properties?.ConcurrentBuildLimit, quota))
    .find(why => why !== undefined);
}

/**
 * Returns the template as it was given. The CDK uploads a template once: one that was deployed before is
 * rewritten already.
 */
async function rewriteInS3(
  url: string,
  s3: S3,
  say: Say,
  withInserted: (given: Template) => Promise<Template | undefined>,
): Promise<Template | undefined> {
  const place = placeOf(url);
  const { Body } = await s3.getObject(place);
  const text = await Body!.transformToString();
  const stored = parseTemplate(text);
  if (stored === undefined) return undefined;
  const given = restoreTemplate(withoutInserted(stored));
  const more = await withInserted(given);
  const { template, isRewritten, lost } = rewriteTemplate(more ?? given);
  if (!isRewritten && more === undefined && !mentionsInserted(text)) return given;
  lost.forEach(each => say(`not emulated: ${each}`));
  await s3.putObject({
    ...place,
    Body: JSON.stringify(template, undefined, 1),
    ContentType: 'application/json',
  });
  return given;
}

/** Of a path-style or a virtual-host URL. */
function placeOf(url: string): { Bucket: string; Key: string } {
  const { hostname, pathname } = new URL(url);
  const path = decodeURIComponent(pathname.slice(1));
  const virtual = /^(.+?)\.s3[.-]/.exec(hostname)?.[1];
  if (virtual !== undefined) return { Bucket: virtual, Key: path };
  const [Bucket, ...key] = path.split('/');
  return { Bucket, Key: key.join('/') };
}

async function restored(call: Call): Promise<Answer> {
  const answer = await call.forward();
  const text = answer.body.toString();
  if (answer.status !== 200 || !(mentionsRewrite(text) || mentionsInserted(text))) return answer;
  const body = text.replace(/<TemplateBody>([^<]*)<\/TemplateBody>/, (all, escaped: string) => {
    const template = parseTemplate(unescapeXml(escaped));
    return template === undefined
      ? all
      : `<TemplateBody>${escapeXml(JSON.stringify(restoreTemplate(withoutInserted(template)), undefined, 1))}</TemplateBody>`;
  });
  return { ...answer, body: Buffer.from(body) };
}

/** Undefined for YAML, which the CDK does not write. */
function parseTemplate(text: string): Template | undefined {
  try {
    return JSON.parse(text) as Template;
  } catch {
    return undefined;
  }
}
