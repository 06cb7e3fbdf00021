import type {
  AwsSecurityFinding,
  AwsSecurityFindingFilters,
  StringFilter,
} from '@aws-sdk/client-securityhub';
import * as z from 'zod';

const KB = 1024;
const text = (longest: number) => z.string().min(1).max(longest);
const time = z.iso.datetime({ offset: true });

/**
 * What the AWS Security Finding Format requires, and the limits of what this library sends.
 *
 * @see https://docs.aws.amazon.com/securityhub/latest/userguide/asff-required-attributes.html
 */
const Asff = z
  .looseObject({
    SchemaVersion: z.literal('2018-10-08'),
    Id: text(512),
    ProductArn: text(2048),
    GeneratorId: text(512),
    AwsAccountId: z.string().regex(/^\d{12}$/),
    CreatedAt: time,
    UpdatedAt: time,
    Title: text(256),
    Description: text(1024),
    Types: z.array(z.string().regex(/^[^/]+(?:\/[^/]+){0,2}$/)).max(50),
    Severity: z.object({ Label: z.enum(['INFORMATIONAL', 'LOW', 'MEDIUM', 'HIGH', 'CRITICAL']) }),
    Resources: z
      .array(z.looseObject({ Type: text(256), Id: text(512) }))
      .min(1)
      .max(32),
    Remediation: z.object({ Recommendation: z.object({ Text: text(512) }) }).optional(),
    ProductFields: z
      .record(text(128), z.string().max(2048))
      .refine(fields => Object.keys(fields).length <= 50, 'at most 50')
      .optional(),
    RecordState: z.enum(['ACTIVE', 'ARCHIVED']).optional(),
  })
  .refine(finding => JSON.stringify(finding).length <= 240 * KB, 'a finding has at most 240 KB');

/** The findings of one account and region. */
export class Findings {
  private readonly all = new Map<string, AwsSecurityFinding>();

  /** Why Security Hub does not take the finding; undefined if it does. */
  public import(given: unknown): string | undefined {
    const { success, error } = Asff.safeParse(given);
    if (!success) return `Finding does not adhere to Amazon Finding Format. ${z.prettifyError(error)}`;
    const finding = given as AwsSecurityFinding;
    const key = `${finding.ProductArn} ${finding.Id}`;
    const before = this.all.get(key);
    // an update that is not newer is ignored, and no failure
    if (before === undefined || Date.parse(finding.UpdatedAt!) > Date.parse(before.UpdatedAt!)) {
      this.all.set(key, { RecordState: 'ACTIVE', Workflow: { Status: 'NEW' }, ...finding });
    }
    return undefined;
  }

  /** Throws for a filter that is not emulated, so that none is ignored. */
  public matching(filters: AwsSecurityFindingFilters): AwsSecurityFinding[] {
    return [...this.all.values()].filter(finding =>
      Object.entries(filters).every(([attribute, wanted]) => {
        const value = (finding as unknown as Record<string, unknown>)[attribute];
        if (typeof value !== 'string') throw new Error(`not emulated: the filter ${attribute}`);
        return (wanted as StringFilter[]).some(filter => matches(value, filter));
      }),
    );
  }
}

function matches(value: string, { Comparison, Value = '' }: StringFilter): boolean {
  if (Comparison === 'EQUALS') return value === Value;
  if (Comparison === 'PREFIX') return value.startsWith(Value);
  throw new Error(`not emulated: the comparison ${Comparison}`);
}
