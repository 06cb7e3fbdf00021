import { InputTransformer, Rule, Target } from '@aws-sdk/client-eventbridge';
import { ServiceEvent } from './service-event';

/** What a target gets of an event. */
export function targetInput(target: Target, rule: Rule, event: ServiceEvent): string {
  if (target.InputTransformer !== undefined) return transform(target.InputTransformer, rule, event);
  if (target.Input !== undefined) return target.Input;
  return JSON.stringify(target.InputPath === undefined ? event : valueAt(event, target.InputPath));
}

/**
 * A `<variable>` inside a JSON string is put in as it is; elsewhere as JSON.
 *
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
 */
export function transform(
  { InputPathsMap: paths = {}, InputTemplate: template = '' }: InputTransformer,
  rule: Rule,
  event: ServiceEvent,
): string {
  let inString = false;
  return template.replace(/\\.|"|<([\w.-]+)>/gs, (part, name: string | undefined) => {
    if (name === undefined) {
      if (part === '"') inString = !inString;
      return part;
    }
    const value = variable(name, paths, rule, event);
    if (value === undefined) return part;
    return inString && typeof value === 'string' ? value : JSON.stringify(value);
  });
}

/** Undefined if there is no such variable; one without a value is an empty string. */
function variable(name: string, paths: Record<string, string>, rule: Rule, event: ServiceEvent): unknown {
  const reserved: Record<string, unknown> = {
    'aws.events.rule-arn': rule.Arn,
    'aws.events.rule-name': rule.Name,
    'aws.events.event.ingestion-time': event.time,
    'aws.events.event': event,
    'aws.events.event.json': event,
  };
  if (Object.hasOwn(paths, name)) return valueAt(event, paths[name]) ?? '';
  return Object.hasOwn(reserved, name) ? reserved[name] : undefined;
}

function valueAt(event: unknown, path: string): unknown {
  return path
    .split(/[.[\]]/)
    .filter(step => step !== '' && step !== '$')
    .reduce<unknown>(
      (value, step) =>
        typeof value === 'object' && value !== null
          ? (value as Record<string, unknown>)[step.replace(/^'|'$/g, '')]
          : undefined,
      event,
    );
}
