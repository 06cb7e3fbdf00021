import { unlikeSchema, type AwsSchemas, type Shape } from './aws-schemas';
import type { EventRuler } from '../../local/tools/event-ruler';

export type Filter = string | number | boolean | null | Readonly<Record<string, any>>;
export interface EventPattern {
  readonly source: readonly string[];
  readonly 'detail-type': readonly string[];
  readonly account?: readonly string[];
  readonly region?: readonly string[];
  readonly detail?: object;
}

type Event = Readonly<Record<string, unknown>>;

const isAbsence = (filter: Filter) =>
  typeof filter === 'object' && filter !== null && filter.exists === false;
/** Neither of these is named by a pattern. */
const OTHER = {
  string: 'something else',
  number: -1,
  boolean: undefined,
  unknown: 'something else',
} as const;

/**
 * What is wrong with each of these patterns for events: a type or a field of an event that nobody
 * publishes, a filter that EventBridge does not know, an event as published that does not match, and one that
 * matches although a field that the pattern names has another value.
 */
export async function mistakesOfPatterns(
  patterns: readonly EventPattern[],
  schemas: Pick<AwsSchemas, 'detailOf'>,
  ruler: EventRuler,
): Promise<string[][]> {
  const questions = patterns.map(pattern => {
    const kinds = kindsOf(pattern, schemas);
    const samples = kinds.known.map(({ shape, ...names }) => ({
      shape,
      event: sampleOf(pattern, { shape, ...names }),
    }));
    return {
      pattern,
      mistakes: [...kinds.mistakes, ...fieldsNobodyHas(pattern, kinds.known)],
      samples: samples.map(({ event }) => event),
      others: samples.flatMap(({ event, shape }) => othersOf(pattern, event, shape)),
    };
  });
  const answers = await ruler(
    questions.map(({ pattern, samples, others }) => ({ pattern, events: [...samples, ...others] })),
  );
  return answers.map((answer, at) => {
    const { mistakes, samples, others } = questions[at]!;
    if (typeof answer === 'string') return [...mistakes, `it is no pattern: ${answer}`];
    const wrong = [...samples, ...others].flatMap((event, which) => {
      const should = which < samples.length;
      if (answer[which] === should) return [];
      const text = JSON.stringify(event);
      return [
        should
          ? `does not match ${text}, which AWS may send`
          : `matches ${text}, which is about something else`,
      ];
    });
    return [...mistakes, ...wrong];
  });
}

interface Kind {
  readonly source: string;
  readonly detailType: string;
  readonly shape: Shape;
}

function kindsOf(
  pattern: EventPattern,
  schemas: Pick<AwsSchemas, 'detailOf'>,
): { readonly known: readonly Kind[]; readonly mistakes: readonly string[] } {
  const known: Kind[] = [];
  const mistakes: string[] = [];
  for (const source of pattern.source) {
    for (const detailType of pattern['detail-type']) {
      const shape = schemas.detailOf(source, detailType);
      if (shape === undefined) mistakes.push(`${source} sends no "${detailType}" that AWS publishes`);
      else known.push({ source, detailType, shape });
    }
  }
  return { known, mistakes };
}

/** A rule for several types of events may name what only one of them has. */
function fieldsNobodyHas({ detail = {} }: EventPattern, kinds: readonly Kind[]): string[] {
  const unlike = kinds.map(({ shape }) => unlikeSchema(model(detail, shape, true), shape));
  return (unlike[0] ?? []).filter(each => unlike.every(list => list.includes(each)));
}

/** An event that the pattern is there for: the first value of each field, where the type has that field. */
function sampleOf(pattern: EventPattern, { source, detailType, shape }: Kind): Event {
  return {
    version: '0',
    id: '00000000-0000-0000-0000-000000000000',
    source,
    'detail-type': detailType,
    account: pattern.account?.[0] ?? '111122223333',
    region: pattern.region?.[0] ?? 'us-east-1',
    time: '2026-01-05T12:00:00Z',
    resources: [],
    detail: model(pattern.detail ?? {}, shape, false),
  };
}

function model(pattern: object, shape: Shape, everything: boolean): object {
  const of = shape.kind === 'list' ? shape.of : shape;
  const fields = Object.entries(pattern).flatMap(([name, inner]) => {
    const field =
      of.kind === 'object' && Object.hasOwn(of.fields, name)
        ? of.fields[name]!
        : of.kind === 'unknown' || everything
          ? ({ kind: 'unknown' } as const)
          : undefined;
    if (field === undefined) return [];
    if (!Array.isArray(inner)) return [[name, model(inner as object, field, everything)]];
    const value = valueOf(inner as Filter[]);
    if (value === undefined) return everything ? [[name, null]] : [];
    return [[name, field.kind === 'list' && !Array.isArray(value) ? [value] : value]];
  });
  const object = Object.fromEntries(fields) as object;
  return shape.kind === 'list' ? ([object] as object) : object;
}

/** One that the filters let through. Undefined: the field may not be there. */
function valueOf(filters: readonly Filter[]): unknown {
  const filter = filters.find(each => !isAbsence(each));
  if (typeof filter !== 'object' || filter === null) return filter;
  if ('prefix' in filter) return `${filter.prefix}more`;
  if ('suffix' in filter) return `more${filter.suffix}`;
  if ('wildcard' in filter) return String(filter.wildcard).replaceAll('*', 'more');
  if ('anything-but' in filter) return 'something else';
  if ('exists' in filter) return 'there';
  return JSON.stringify(filter); // Event Ruler says that there is no such filter
}

/** The same event for each field that the pattern names, with another value in that field. */
function othersOf(pattern: EventPattern, event: Event, shape: Shape): Event[] {
  const { detail = {}, ...top } = pattern;
  const changed = Object.keys(top).map(name => ({ ...event, [name]: 'something else' }));
  return [...changed, ...otherDetails(detail, event.detail, shape).map(each => ({ ...event, detail: each }))];
}

function otherDetails(pattern: object, value: unknown, shape: Shape): unknown[] {
  if (Array.isArray(value) && shape.kind === 'list') {
    return otherDetails(pattern, value[0], shape.of).map(each => [each]);
  }
  if (shape.kind !== 'object') return [];
  const object = value as Record<string, unknown>;
  return Object.entries(pattern).flatMap(([name, inner]): unknown[] => {
    const field = shape.fields[name];
    if (field === undefined) return [];
    if (!Array.isArray(inner)) {
      return otherDetails(inner as object, object[name], field).map(each => ({ ...object, [name]: each }));
    }
    const kind = field.kind === 'list' ? field.of.kind : field.kind;
    const other = kind === 'list' || kind === 'object' ? undefined : OTHER[kind];
    return other === undefined ? [] : [{ ...object, [name]: field.kind === 'list' ? [other] : other }];
  });
}
