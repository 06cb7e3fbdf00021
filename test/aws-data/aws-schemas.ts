import { loadAwsServiceSpec } from '@aws-cdk/aws-service-spec';

type Database = Awaited<ReturnType<typeof loadAwsServiceSpec>>;

/** What a field of an event may be. `unknown`: the schema says no more. */
export type Shape =
  | { readonly kind: 'string' | 'number' | 'boolean' | 'unknown' }
  | { readonly kind: 'list'; readonly of: Shape }
  | { readonly kind: 'object'; readonly fields: Readonly<Record<string, Shape>> };

const UNKNOWN: Shape = { kind: 'unknown' };
const CALL = 'AWS API Call via CloudTrail';
/** Of each service its own; the rest of CloudTrail's records is the same for all. */
const OF_A_SERVICE = ['requestParameters', 'responseElements', 'additionalEventData'];

/** What AWS publishes of its events and resources, with which the CDK's own code is made. */
export class AwsSchemas {
  public static async load(): Promise<AwsSchemas> {
    return new AwsSchemas(await loadAwsServiceSpec());
  }

  private readonly events = new Map<string, Shape>();
  private readonly call: Shape;

  private constructor(private readonly database: Database) {
    const calls: Shape[] = [
      { kind: 'object', fields: Object.fromEntries(OF_A_SERVICE.map(name => [name, UNKNOWN])) },
    ];
    for (const { source, detailType, rootProperty } of database.all('event')) {
      const shape = this.objectOf(rootProperty);
      this.events.set(`${source} ${detailType}`, shape);
      if (detailType === CALL) calls.push(shape);
    }
    this.call = calls.reduce(either);
  }

  /** The detail of an event; undefined if AWS publishes none of this type. */
  public detailOf(source: string, detailType: string): Shape | undefined {
    // a schema is made of samples: those of one service lack what those of another have
    return detailType === CALL ? this.call : this.events.get(`${source} ${detailType}`);
  }

  /** `arn:${Partition}:sqs:${Region}:${Account}:${QueueName}` */
  public arnTemplateOf(type: string): string | undefined {
    return this.database.lookup('resource', 'cloudFormationType', 'equals', type)[0]?.arnTemplate;
  }

  /** What `Ref` and the attributes of a resource are called. */
  public primaryIdentifierOf(type: string): readonly string[] {
    return this.database.lookup('resource', 'cloudFormationType', 'equals', type)[0]?.primaryIdentifier ?? [];
  }

  private objectOf(reference: { readonly $ref: string }): Shape {
    const { properties } = this.database.get('eventTypeDefinition', reference as never);
    const fields = Object.entries(properties).map(([name, { type }]) => [name, this.shapeOf(type)]);
    return { kind: 'object', fields: Object.fromEntries(fields) };
  }

  private shapeOf(type: any): Shape {
    switch (type.type) {
      case 'string':
      case 'date-time':
        return { kind: 'string' };
      case 'number':
      case 'integer':
        return { kind: 'number' };
      case 'boolean':
        return { kind: 'boolean' };
      case 'array':
        return { kind: 'list', of: this.shapeOf(type.element) };
      case 'ref':
        return this.objectOf(type.reference);
      default:
        return UNKNOWN;
    }
  }
}

/** What one of two samples has. Where they differ in a type, nothing is known. */
function either(a: Shape, b: Shape): Shape {
  if (a.kind === 'object' && b.kind === 'object') {
    const names = [...new Set([...Object.keys(a.fields), ...Object.keys(b.fields)])];
    const fields = names.map(name => {
      const [ofA, ofB] = [a, b].map(({ fields: each }) =>
        Object.hasOwn(each, name) ? each[name] : undefined,
      );
      return [name, ofA === undefined ? ofB : ofB === undefined ? ofA : either(ofA, ofB)];
    });
    return { kind: 'object', fields: Object.fromEntries(fields) as Record<string, Shape> };
  }
  if (a.kind === 'list' && b.kind === 'list') return { kind: 'list', of: either(a.of, b.of) };
  return a.kind === b.kind ? a : UNKNOWN;
}

/** Where a value has what its schema does not: a field that is not there, or another type. */
export function unlikeSchema(value: unknown, shape: Shape, path = 'detail'): string[] {
  if (shape.kind === 'unknown' || value === undefined || value === null) return [];
  if (shape.kind === 'list') {
    if (!Array.isArray(value)) return [`${path} is ${typeof value}, AWS has: list`];
    return [...new Set(value.flatMap(each => unlikeSchema(each, shape.of, `${path}[]`)))];
  }
  if (shape.kind === 'object') {
    if (typeof value !== 'object' || Array.isArray(value)) {
      return [`${path} is ${Array.isArray(value) ? 'list' : typeof value}, AWS has: object`];
    }
    return Object.entries(value).flatMap(([name, each]) => {
      const field = Object.hasOwn(shape.fields, name) ? shape.fields[name] : undefined;
      if (field === undefined) return [`${path}.${name} is no field that AWS publishes`];
      return unlikeSchema(each, field, `${path}.${name}`);
    });
  }
  return typeof value === shape.kind ? [] : [`${path} is ${typeof value}, AWS has: ${shape.kind}`];
}
