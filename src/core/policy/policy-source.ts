import { RegoInBucket, RegoProgram } from '../rego/rego-program';
import { parseJson } from '../text/json';

type Json = { readonly [key: string]: unknown };

/**
 * The document that judges, from the policy source that a deployment declares. `read` gives the Rego of each
 * bucket that the source names. Everything else stays as it is, also what this version does not know.
 */
export function withRegoRead(source: string, read: (bucket: RegoInBucket) => RegoProgram): string {
  const document = parseJson(source);
  if (bucketsIn(document).length === 0) return source; // byte for byte
  return JSON.stringify(
    mapRules(document, rule => {
      const bucket = bucketOf(rule);
      return bucket === undefined ? rule : { rule: rule.rule, action: rule.action, ...read(bucket) };
    }),
  );
}

/** The buckets that a policy source names. */
export function regoBuckets(source: string): RegoInBucket[] {
  return bucketsIn(parseJson(source));
}

/**
 * The Rego of a bucket in the active document. It is used again while the files in the bucket are broken or
 * missing.
 */
export function regoRead(activePolicy: string, { bucket, prefix }: RegoInBucket): RegoProgram | undefined {
  const programs = rulesIn(parseJson(activePolicy)).map(
    rule => RegoProgram.safeParse(parametersOf(rule)).data,
  );
  return programs.find(program => program?.from?.bucket === bucket && program.from.prefix === prefix);
}

function bucketsIn(document: unknown): RegoInBucket[] {
  return rulesIn(document).flatMap(rule => bucketOf(rule) ?? []);
}

function bucketOf(rule: Json): RegoInBucket | undefined {
  return rule.rule === 'rego' ? RegoInBucket.safeParse(parametersOf(rule)).data : undefined;
}

function parametersOf({ rule: _rule, action: _action, ...parameters }: Json): Json {
  return parameters;
}

function rulesIn(document: unknown): Json[] {
  const found: Json[] = [];
  mapRules(document, rule => {
    found.push(rule);
    return rule;
  });
  return found;
}

/** The rules of a policy, or of all policies of a policy set. */
function mapRules(document: unknown, change: (rule: Json) => Json): unknown {
  if (!isObject(document)) return document;
  if (Array.isArray(document.rules)) {
    return { ...document, rules: document.rules.map(rule => (isObject(rule) ? change(rule) : rule)) };
  }
  if (!('default' in document)) return document;
  const { scoped } = document;
  const ofEach = (each: unknown) =>
    isObject(each) ? { ...each, policy: mapRules(each.policy, change) } : each;
  return {
    ...document,
    default: mapRules(document.default, change),
    scoped: Array.isArray(scoped) ? scoped.map(ofEach) : scoped,
  };
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
