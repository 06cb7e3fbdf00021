import * as fc from 'fast-check';
import { evaluate } from '../../../src/core/evaluation/evaluate';
import { normalise } from '../../../src/core/scanning/normalise';
import { readTrivyReport } from '../../../src/core/scanning/read-trivy-report';
import { readCoverage } from '../../../src/core/scanning/scan-outcome';
import { accounting } from '../support/accounted';
import { evaluation } from '../support/made';
import { rawReport, reportBytes, REPORTS, said } from '../support/reports';

const cause = (bytes: Uint8Array) => {
  const read = readTrivyReport(bytes);
  return read.ok ? 'read' : read.error.cause;
};
const changed = (name: string, change: (raw: any) => void) => {
  const raw = rawReport(name);
  change(raw);
  return Buffer.from(JSON.stringify(raw));
};

describe('a report is untrusted input', () => {
  test.each(REPORTS)('%s is read', name => {
    expect(cause(reportBytes(name))).toBe('read');
  });

  test.each<[string, Uint8Array]>([
    ['nothing', Buffer.from('')],
    ['no JSON', Buffer.from('FATAL')],
    ['half a report', reportBytes('clean').subarray(0, 4000)],
    ['bytes that are no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
    ['an end of lists without end', Buffer.from('['.repeat(1_000_000))],
    ['null', Buffer.from('null')],
    [
      'another schema',
      changed('clean', raw => {
        raw.SchemaVersion = 3;
      }),
    ],
    [
      'a report of a file system',
      changed('clean', raw => {
        raw.ArtifactType = 'filesystem';
      }),
    ],
    [
      'no image id',
      changed('clean', raw => {
        delete raw.Metadata.ImageID;
      }),
    ],
    [
      'results that are null',
      changed('clean', raw => {
        raw.Results = null;
      }),
    ],
    [
      'vulnerabilities that are no list',
      changed('fixable-critical', raw => {
        raw.Results[1].Vulnerabilities = {};
      }),
    ],
    [
      'a vulnerability without a severity',
      changed('fixable-critical', raw => {
        delete raw.Results[1].Vulnerabilities[0].Severity;
      }),
    ],
    [
      'a severity of its own',
      changed('fixable-critical', raw => {
        raw.Results[1].Vulnerabilities[0].Severity = 'critical';
      }),
    ],
    [
      'a vulnerability without a name',
      changed('fixable-critical', raw => {
        raw.Results[1].Vulnerabilities[0].VulnerabilityID = '';
      }),
    ],
    [
      'a secret without a severity',
      changed('secret-deleted-later', raw => {
        delete raw.Results[2].Secrets[0].Severity;
      }),
    ],
    [
      'an end of life that is text',
      changed('alpine-eol', raw => {
        raw.Metadata.OS.EOSL = 'true';
      }),
    ],
    [
      'a score that is text',
      changed('fixable-critical', raw => {
        raw.Results[1].Vulnerabilities[0].CVSS = { nvd: { V3Score: '9.8' } };
      }),
    ],
    [
      'scores without a source',
      changed('fixable-critical', raw => {
        raw.Results[1].Vulnerabilities[0].CVSS = 9.8;
      }),
    ],
    [
      'a user that is a number',
      changed('clean', raw => {
        raw.Metadata.ImageConfig.config.User = 65532;
      }),
    ],
  ])('%s is a failure, not a report with less in it', (_, bytes) => {
    expect(cause(bytes)).toBe('REPORT_INVALID');
  });
});

/** Every place in a document, by its path. */
function* places(
  value: unknown,
  path: readonly (string | number)[] = [],
): Iterable<readonly (string | number)[]> {
  if (path.length > 0) yield path;
  if (typeof value !== 'object' || value === null) return;
  for (const key of Object.keys(value)) {
    yield* places((value as any)[key], [...path, Array.isArray(value) ? Number(key) : key]);
  }
}

const REMOVE = Symbol('remove');

function mutate(document: any, path: readonly (string | number)[], value: unknown): any {
  const copy = structuredClone(document);
  const last = path.at(-1)!;
  const holder = path.slice(0, -1).reduce((at, key) => at?.[key], copy);
  if (typeof holder !== 'object' || holder === null) return copy;
  if (value !== REMOVE) holder[last] = value;
  else if (Array.isArray(holder)) holder.splice(Number(last), 1);
  else delete holder[last];
  return copy;
}

const REFUSED = [
  'fixable-critical',
  'alpine-eol',
  'secret-deleted-later',
  'root',
  'log4shell',
  'canaries',
  'clean-and-vulnerable.linux-arm64',
];
const retyped = fc.oneof(
  fc.constantFrom<unknown>(
    REMOVE,
    null,
    true,
    false,
    0,
    -1,
    1e308,
    '',
    ' ',
    'CRITICAL',
    'LOW',
    '__proto__',
    [],
    {},
    [[]],
    [null],
    { constructor: null },
  ),
  fc.string({ unit: 'binary' }),
);

/** What the standard policy refuses in a document, read without any schema. */
function standsIn(raw: any): boolean {
  const results: any[] = Array.isArray(raw?.Results) ? raw.Results : [];
  const list = (value: unknown): any[] => (Array.isArray(value) ? value : []);
  const isText = (value: unknown) => typeof value === 'string' && value !== '';
  const user = raw?.Metadata?.ImageConfig?.config?.User ?? '';
  return (
    raw?.Metadata?.OS?.EOSL === true ||
    user === '' ||
    results.some(
      result =>
        list(result?.Secrets).length > 0 ||
        list(result?.Vulnerabilities).some(
          each => each?.Severity === 'CRITICAL' && isText(each?.FixedVersion),
        ),
    )
  );
}

describe('a report that somebody changed', () => {
  const documents = new Map(
    REFUSED.map(name => [name, { raw: rawReport(name), paths: [...places(rawReport(name))] }]),
  );
  interface Changed {
    readonly name: string;
    readonly changes: readonly (readonly [path: readonly (string | number)[], value: unknown])[];
  }
  const mutation: fc.Arbitrary<Changed> = fc.constantFrom(...REFUSED).chain(name =>
    fc.record({
      name: fc.constant(name),
      changes: fc.array(fc.tuple(fc.constantFrom(...documents.get(name)!.paths), retyped), {
        minLength: 1,
        maxLength: 3,
      }),
    }),
  );

  const answerTo = ({ name, changes }: Changed) => {
    const raw = changes.reduce(
      (document, [path, value]) => mutate(document, path, value),
      documents.get(name)!.raw,
    );
    const read = readTrivyReport(Buffer.from(JSON.stringify(raw)));
    const coverage = { ...readCoverage(said(name)), accounting: accounting() };
    const outcome = read.ok
      ? evaluate(evaluation(read.value, { scan: { coverage } }))
      : { failure: read.error };
    const answer = 'failure' in outcome ? 'ERROR' : outcome.verdict.outcome;
    if (answer === 'PASS') expect(standsIn(raw)).toBe(false);
    return answer;
  };

  test('is a failure or a verdict, nothing is thrown, and never a PASS while what is refused still stands in it', () => {
    fc.assert(
      fc.property(mutation, each => void answerTo(each)),
      { numRuns: 1200 },
    );
  });

  test('many of these changes are refused, and many can no more be read', () => {
    // of one seed: what is asked is whether the changes are any good, and not what they find
    const answers = fc.sample(mutation, { numRuns: 300, seed: 1 }).map(answerTo);
    expect(answers.filter(answer => answer === 'FAIL').length).toBeGreaterThan(25);
    expect(answers.filter(answer => answer === 'ERROR').length).toBeGreaterThan(25);
  });

  test('each single node removed, one after the other: a PASS only where what was refused is gone', () => {
    for (const name of ['fixable-critical', 'root', 'log4shell']) {
      const { raw, paths } = documents.get(name)!;
      for (const path of paths) {
        const without = mutate(raw, path, REMOVE);
        const read = readTrivyReport(Buffer.from(JSON.stringify(without)));
        if (!read.ok) continue;
        const outcome = evaluate(evaluation(read.value));
        if ('verdict' in outcome && outcome.verdict.outcome === 'PASS') {
          expect([path, standsIn(without)]).toEqual([path, false]);
        }
      }
    }
  });

  test('normalising any report that was read throws nothing', () => {
    fc.assert(
      fc.property(mutation, ({ name, changes }) => {
        const raw = changes.reduce(
          (document, [path, value]) => mutate(document, path, value),
          documents.get(name)!.raw,
        );
        const read = readTrivyReport(Buffer.from(JSON.stringify(raw)));
        if (read.ok) normalise(read.value);
      }),
      { numRuns: 200 },
    );
  });
});
