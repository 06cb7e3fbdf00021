import { toBeValidSarifLog } from '@microsoft/jest-sarif';
import * as z from 'zod';

expect.extend({ toBeValidSarifLog });

/*
 * The part of SARIF 2.1.0 that is written here, and what its schema cannot say: that results name the rules
 * that they index. https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json
 */
const Properties = z.looseObject({
  tags: z
    .array(z.string())
    .refine(tags => new Set(tags).size === tags.length)
    .optional(),
});
const Message = z.strictObject({ text: z.string().min(1) });
const Uri = z.string().regex(/^[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=%]+$/);
const Index = z.int().min(-1);

const ReportingDescriptor = z.strictObject({
  id: z.string().min(1),
  shortDescription: Message.optional(),
  helpUri: z.url().optional(),
  properties: Properties.optional(),
});
const Location = z.strictObject({
  physicalLocation: z.strictObject({
    artifactLocation: z.strictObject({ uri: Uri }),
    region: z.strictObject({ startLine: z.int().min(1) }),
  }),
});
const Result = z.strictObject({
  ruleId: z.string(),
  ruleIndex: Index,
  level: z.enum(['none', 'note', 'warning', 'error']),
  message: Message,
  locations: z.array(Location),
  partialFingerprints: z.record(z.string(), z.string()).optional(),
  /** A property bag (3.8): which layer of the image holds it. */
  properties: z.strictObject({ layer: z.string().regex(/^sha256:[0-9a-f]{64}$/) }).optional(),
  suppressions: z
    .array(
      z.strictObject({
        kind: z.enum(['inSource', 'external']),
        status: z.enum(['accepted', 'underReview', 'rejected']),
        justification: z.string(),
      }),
    )
    .optional(),
});
const Run = z
  .strictObject({
    automationDetails: z.strictObject({ id: z.string() }),
    tool: z.strictObject({
      driver: z.strictObject({
        name: z.string().min(1),
        informationUri: z.url(),
        version: z.string(),
        rules: z.array(ReportingDescriptor),
      }),
    }),
    results: z.array(Result),
  })
  .superRefine(
    (
      {
        tool: {
          driver: { rules },
        },
        results,
      },
      context,
    ) => {
      if (new Set(rules.map(rule => JSON.stringify(rule))).size < rules.length) {
        context.addIssue({ code: 'custom', message: 'two rules are the same' });
      }
      results.forEach(({ ruleId, ruleIndex }, at) => {
        if (rules[ruleIndex]?.id !== ruleId) {
          context.addIssue({
            code: 'custom',
            path: ['results', at],
            message: `rule ${ruleIndex} is not ${ruleId}`,
          });
        }
      });
    },
  );

const Sarif = z.strictObject({ $schema: z.url(), version: z.literal('2.1.0'), runs: z.array(Run) });

/** What a file says, which is valid by the schema of SARIF 2.1.0. */
export function sarifIn(text: string): z.infer<typeof Sarif> {
  const document: unknown = JSON.parse(text);
  expectSarif(document);
  return Sarif.parse(document);
}

export function expectSarif(document: unknown): void {
  expect(document).toBeValidSarifLog();
}
