import { RegoInBucket, RegoProgram } from '../rego/rego-program';
import { parseJson } from '../text/json';

type Json = { readonly [key: string]: unknown };

/**
 * The document that judges, from the one that a deployment declares: wherever files lie in a bucket, `read`
 * says what they are now. Everything else stays as it is, also what this version does not know.
 */
export function withRegoRead(declared: string, read: (source: RegoInBucket) => RegoProgram): string {
  const document = parseJson(declared);
  if (sourcesIn(document).length === 0) return declared; // byte for byte
  return JSON.stringify(
    mapRules(document, rule => {
      const source = sourceOf(rule);
      return source === undefined ? rule : { rule: rule.rule, action: rule.action, ...read(source) };
    }),
  );
}

/** Where files are to be read from. */
export function regoBuckets(declared: string): RegoInBucket[] {
  return sourcesIn(parseJson(declared));
}

/**
 * Files that were read before, from the document that judges now: what counts while those of now are broken
 * or gone.
 */
export function regoRead(activePolicy: string, { bucket, prefix }: RegoInBucket): RegoProgram | undefined {
  const programs = rulesIn(parseJson(activePolicy)).map(
    rule => RegoProgram.safeParse(parametersOf(rule)).data,
  );
  return programs.find(program => program?.from?.bucket === bucket && program.from.prefix === prefix);
}

function sourcesIn(document: unknown): RegoInBucket[] {
  return rulesIn(document).flatMap(rule => sourceOf(rule) ?? []);
}

function sourceOf(rule: Json): RegoInBucket | undefined {
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
