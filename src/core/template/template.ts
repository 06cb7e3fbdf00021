/** A synthesised template of CloudFormation, and what the app says about its stack. */
export interface Template {
  /** Which of the templates of the app it is: its path. */
  readonly id: string;
  readonly document: TemplateDocument;
  readonly stackName?: string;
  /** Absent: the stack is deployed to whichever account the credentials are of. */
  readonly account?: string;
  /** Absent: to whichever region. */
  readonly region?: string;
  /** Of a nested stack: which resource of which template makes it. */
  readonly parent?: { readonly id: string; readonly logicalId: string };
}

/** What is looked at. A part of another form than CloudFormation accepts is as good as absent. */
export interface TemplateDocument {
  readonly Transform?: unknown;
  readonly Globals?: unknown;
  readonly Resources?: Readonly<Record<string, TemplateResource>>;
  readonly Parameters?: Readonly<Record<string, unknown>>;
  readonly Mappings?: Readonly<Record<string, unknown>>;
  readonly Outputs?: Readonly<Record<string, { readonly Value?: unknown; readonly Export?: unknown }>>;
}

export interface TemplateResource {
  readonly Type?: unknown;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly Metadata?: Readonly<Record<string, unknown>>;
}

/**
 * What adds to the part in which it stands, beside other keys: `Fn::Transform` and `Fn::ForEach::…`. What it
 * adds is known only at deployment.
 */
export function additionsIn(part: object): string[] {
  return Object.keys(part).filter(key => /^Fn::(?:Transform$|ForEach::)/.test(key));
}

/** `{ "Ref": … }` and `{ "Fn::…": … }`, which stand for a value. */
export function intrinsicIn(value: unknown): readonly [name: string, argument: unknown] | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const entries = Object.entries(value);
  const [[name, argument] = ['', undefined]] = entries;
  return entries.length === 1 && (name === 'Ref' || name.startsWith('Fn::')) ? [name, argument] : undefined;
}
