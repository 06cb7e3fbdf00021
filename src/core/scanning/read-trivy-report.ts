import * as z from 'zod';
import { Limit } from '../limits';
import { failed, ok, type Result } from '../result';
import type { Failure } from './failed-scan';
import { SCAN_INPUT } from './normal-form';
import { SECRET_VARIABLE, secretVariables } from './secret-variable';
import { ImageConfig, Metadata, REDUCTION, ReportResult, Secret, TrivyReport } from './trivy-report';
import { plainText } from '../text/plain-text';
import { Keys, readStrictJson, type Shape } from '../text/strict-json';

const text = z.string().optional();

const RawConfig = z
  .object({
    User: text,
    Labels: z.record(z.string(), z.string()).nullish(),
    Env: z.array(z.string()).nullish(),
  })
  .transform(({ User, Labels, Env }) => ({
    ...(User !== undefined && { User }),
    ...withoutValues(Labels ?? {}),
    Env,
  }));

const RawStep = z.object({ created_by: text, comment: text });

/** A report as Trivy writes it. */
const RawReport = TrivyReport.omit({ Reduction: true }).extend({
  Metadata: Metadata.extend({
    ImageConfig: ImageConfig.extend({
      config: RawConfig.optional(),
      history: z.array(RawStep).nullish(),
      /** With the words of annotations, `container_config` and others (`normal-form/otherwords.go`). */
      author: text,
    }),
  }),
  Results: z
    .array(
      ReportResult.extend({
        MisconfSummary: z.object({ Failures: z.number() }).optional(),
        Secrets: z.array(Secret.extend({ Match: text })).optional(),
      }),
    )
    .optional(),
});
type RawReport = z.infer<typeof RawReport>;

const LONGEST_LABEL_NAME = 256;
/** Without scheme, user and password: a label with any of these is dropped, like any other value. */
const IMAGE_NAME =
  /^[\w.-]{1,255}(?::\d{1,5})?(?:\/[\w.-]{1,255}){1,32}(?::[\w.-]{1,128})?(?:@sha256:[0-9a-f]{64})?$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/;

function withoutValues(labels: Readonly<Record<string, string>>) {
  const {
    'org.opencontainers.image.base.name': baseName = '',
    'org.opencontainers.image.base.digest': baseDigest = '',
  } = labels;
  const name = IMAGE_NAME.test(baseName) ? { name: baseName } : {};
  const digest = DIGEST.test(baseDigest) ? { digest: baseDigest } : {};
  return {
    LabelNames: Object.entries(labels)
      .filter(([label, value]) => label.length <= LONGEST_LABEL_NAME && plainText(value) !== '')
      .map(([label]) => label),
    BaseImage: { ...name, ...digest },
  };
}

let keys: Keys | undefined;

/**
 * Reads a report from its bytes. An unknown or missing severity makes the whole report invalid, and so does
 * a key that is there twice, in another case, or without its other half: what is missing by mistake must
 * not look like what was not found.
 */
export function readTrivyReport(bytes: Uint8Array): Result<TrivyReport, Failure> {
  keys ??= new Keys(z.toJSONSchema(RawReport, { io: 'input' }) as Shape);
  const document = readStrictJson(bytes, keys);
  if (!document.ok) return invalid(document.error);
  const report = RawReport.safeParse(document.value);
  if (!report.success) {
    const [issue] = report.error.issues;
    // the path can contain labels and sources of scores: untrusted text
    const place = plainText(issue?.path.join('.') ?? '', 200);
    return failed({
      cause: 'REPORT_INVALID',
      detail: `the report's ${place || 'document'} is not as Trivy writes it: ${issue?.code ?? 'unknown'}`,
    });
  }
  const { Results, ...rest } = withoutValuesOf(report.data);
  const listed = findingsListed(Results);
  if (listed > Limit.findings) {
    return failed({
      cause: 'REPORT_TOO_LARGE',
      detail: `the report has ${listed} findings, allowed: ${Limit.findings}`,
    });
  }
  const incomplete = whyIncomplete(report.data);
  if (incomplete !== undefined) return invalid(incomplete);
  return ok({ Reduction: REDUCTION, ...rest, ...(Results !== undefined && { Results }) });
}

/** Only the names of variables with a secret are kept, as findings, unless Trivy has found it itself. */
function withoutValuesOf({ Metadata: { ImageConfig: config, ...metadata }, ...report }: RawReport) {
  const { history, author = '', config: ran, ...image } = config;
  const { Env, ...kept } = ran ?? {};
  const found = secretVariables({
    env: Env ?? [],
    history: [
      ...(history ?? []).flatMap(({ created_by = '', comment = '' }) => [created_by, comment]),
      author,
    ],
  }).filter(({ name }) => !isFoundByTrivy(name, report.Results));
  const Results = report.Results?.map(({ Secrets, MisconfSummary: _summary, ...result }) => ({
    ...result,
    ...(Secrets !== undefined && { Secrets: Secrets.map(({ Match: _match, ...secret }) => secret) }),
  }));
  return {
    ...report,
    Metadata: { ...metadata, ImageConfig: { ...image, ...(ran !== undefined && { config: kept }) } },
    ...(found.length === 0
      ? Results !== undefined && { Results }
      : {
          Results: [
            ...(Results ?? []),
            ...found.map(({ where, name, kind }) => ({
              Target: `${where} ${name}`,
              Class: 'secret',
              Secrets: [
                { RuleID: SECRET_VARIABLE, Severity: 'HIGH' as const, Title: `variable with ${kind}` },
              ],
            })),
          ],
        }),
  };
}

/** Trivy searches the config as JSON, one variable a line: `"GITHUB_TOKEN=****",`. */
function isFoundByTrivy(name: string, results: RawReport['Results'] = []): boolean {
  return results
    .filter(({ Target }) => Target.startsWith(SCAN_INPUT))
    .some(({ Secrets = [] }) => Secrets.some(({ Match = '' }) => Match.trim().startsWith(`"${name}=*`)));
}

function invalid(why: string): Result<never, Failure> {
  return failed({ cause: 'REPORT_INVALID', detail: `the report ${why}` });
}

/** Includes repeated findings: they take time too. */
function findingsListed(results: TrivyReport['Results'] = []): number {
  return results.reduce(
    (sum, { Vulnerabilities, Secrets, Misconfigurations, Licenses }) =>
      sum +
      [Vulnerabilities, Secrets, Misconfigurations, Licenses].reduce(
        (count, list) => count + (list?.length ?? 0),
        0,
      ),
    0,
  );
}

/**
 * What Trivy never writes without its other half (0.74: `pkg/scan/ospkg`, `pkg/scan/langpkg`,
 * `pkg/scan/local`, `filterMisconfigurations` in `pkg/result`). An operating system without packages is not
 * such a case: Trivy writes that, and the rule `coverage` decides.
 */
function whyIncomplete({ Metadata: { OS }, Results = [] }: RawReport): string | undefined {
  for (const { Class, Packages = [], Secrets = [], Misconfigurations = [], MisconfSummary } of Results) {
    if (Class === 'os-pkgs' && OS === undefined) {
      return 'has packages of an operating system, but does not name it';
    }
    if (Class === 'lang-pkgs' && Packages.length === 0) {
      return 'has a result for packages without a package';
    }
    if (Class === 'secret' && Secrets.length === 0) return 'has a result for secrets without a secret';
    const refused = Misconfigurations.filter(
      ({ Status }) => Status === undefined || Status === 'FAIL',
    ).length;
    const { Failures = refused } = MisconfSummary ?? {};
    if (Failures !== refused) return `counts ${Failures} checks that failed, and lists ${refused}`;
  }
  return undefined;
}
