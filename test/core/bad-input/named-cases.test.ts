import { caseOf, judged, type Answer } from './judged';
import { normalise } from '../../../src/core/scanning/normalise';
import { readTrivyReport } from '../../../src/core/scanning/read-trivy-report';
import { soon } from '../../support/soon';
import { policy } from '../support/made';
import { rawReport } from '../support/reports';

jest.setTimeout(120_000);

const CRITICAL = caseOf('fixable-critical');
const bytesOf = (document: unknown) => Buffer.from(JSON.stringify(document));
const MIB = 1024 * 1024;

/** The report of fixable-critical, changed as a document. */
function changed(change: (raw: any) => void, name = 'fixable-critical'): Buffer {
  const raw = rawReport(name);
  change(raw);
  return bytesOf(raw);
}

/** The same, changed as text. */
function replaced(from: string | RegExp, to: string, name = 'fixable-critical'): Buffer {
  const text = JSON.stringify(rawReport(name));
  const other = text.replace(from, () => to);
  if (other === text) throw new Error(`nothing in ${name} is ${String(from)}`);
  return Buffer.from(other);
}

function listOf(element: string): Buffer {
  return Buffer.concat([Buffer.from('['), Buffer.alloc(255 * MIB, element), Buffer.from('0]')]);
}

const vulnerability = (raw: any) => raw.Results[1].Vulnerabilities[0];
const many = (count: number, of: (at: number) => object) => (raw: any) => {
  raw.Results[1].Vulnerabilities = Array.from({ length: count }, (_, at) => ({
    VulnerabilityID: `CVE-2024-${at}`,
    PkgName: 'minimist',
    FixedVersion: '2',
    Severity: 'CRITICAL',
    ...of(at),
  }));
};

function said(bytes: Buffer, name = 'fixable-critical'): string {
  const answer: Answer = judged(bytes, caseOf(name));
  return answer.says === 'ERROR' ? answer.cause : answer.says;
}

describe('what says a thing twice, or in another way than Trivy, is no report', () => {
  test.each<[string, Buffer]>([
    [
      'an empty list behind the vulnerabilities',
      replaced('"Vulnerabilities":[', '"Vulnerabilities":[],"Vulnerabilities":['),
    ],
    [
      'an empty list in place of them, which stands first',
      replaced('"Type":"node-pkg"', '"Type":"node-pkg","Vulnerabilities":[]'),
    ],
    ['a severity twice', replaced('"Severity":"CRITICAL"', '"Severity":"CRITICAL","Severity":"LOW"')],
    [
      'a severity twice, and the same',
      replaced('"Severity":"CRITICAL"', '"Severity":"CRITICAL","Severity":"CRITICAL"'),
    ],
    [
      'a severity twice, once escaped',
      replaced('"Severity":"CRITICAL"', '"Severity":"CRITICAL","\\u0053everity":"LOW"'),
    ],
    [
      'a severity twice, with quotes that are escaped to hide it',
      replaced(
        '"Severity":"CRITICAL"',
        '"Title":"\\u0022\\u0022\\u0022\\u0022","Severity":"CRITICAL","Severity":"LOW"',
      ),
    ],
    ['results twice', replaced('"Results":[', '"Results":[],"Results":[')],
    ['a key twice that nobody reads', replaced('"SchemaVersion":2', '"SchemaVersion":2,"x":1,"x":1')],
    ['vulnerabilities in small letters', replaced('"Vulnerabilities"', '"vulnerabilities"')],
    [
      'vulnerabilities also in small letters',
      replaced('"Vulnerabilities":[', '"vulnerabilities":[],"Vulnerabilities":['),
    ],
    ['a fixed version with a long s, which Go takes for one', replaced('"Results":[', '"Re\u017fults":[')],
    [
      '__proto__ with a severity',
      replaced('"Severity":"CRITICAL"', '"__proto__":{"Severity":"LOW"},"Severity":"CRITICAL"'),
    ],
    ['__proto__ in place of the report', replaced(/^.*$/s, '{"__proto__":{}}')],
    [
      '__proto__ as a source of scores',
      changed(raw => {
        vulnerability(raw).CVSS = JSON.parse('{"__proto__":{"V3Score":9.8},"nvd":{"V3Score":1}}');
      }),
    ],
    [
      'a score below 0',
      changed(raw => {
        vulnerability(raw).CVSS = { nvd: { V3Score: -1 } };
      }),
    ],
    [
      'a score above 10',
      changed(raw => {
        vulnerability(raw).CVSS = { nvd: { V40Score: 10.1 } };
      }),
    ],
    [
      'a score without end',
      replaced('"Severity":"CRITICAL"', '"CVSS":{"nvd":{"V3Score":1e999}},"Severity":"CRITICAL"'),
    ],
    [
      'packages of a system, and no system',
      changed(raw => {
        delete raw.Metadata.OS;
      }),
    ],
    [
      'a result for packages of a language, and no package',
      changed(raw => {
        delete raw.Results[1].Packages;
      }),
    ],
    [
      'a target of 10 MB',
      changed(raw => {
        raw.Results[1].Target = 'x'.repeat(10 * MIB);
      }),
    ],
    [
      'a type of 10 MB',
      changed(raw => {
        raw.Results[1].Type = 'x'.repeat(10 * MIB);
      }),
    ],
    [
      'a vulnerability 10,000 lists deep',
      replaced('"Severity":"CRITICAL"', `"Severity":${'['.repeat(10_000)}${']'.repeat(10_000)}`),
    ],
    ['UTF-16', Buffer.from(`\ufeff${JSON.stringify(rawReport('fixable-critical'))}`, 'utf16le')],
    [
      'bytes that are no UTF-8',
      Buffer.from(JSON.stringify(rawReport('fixable-critical')).replace('CRITICAL', '\u00ff'), 'latin1'),
    ],
  ])('%s', (_, bytes) => {
    expect(said(bytes)).toBe('REPORT_INVALID');
  });

  test.each<[string, () => Buffer]>([
    ['256 MiB of lists that begin', () => Buffer.alloc(256 * MIB, '[')],
    ['256 MiB of empty objects', () => listOf('{},')],
    ['256 MiB of zeros', () => listOf('0,')],
  ])('%s, which would take all memory to parse', (_, bytes) => {
    const document = bytes();
    expect(soon(5, () => said(document))).toBe('REPORT_INVALID');
  });

  test.each<[string, string, Buffer]>([
    [
      'secrets, of which it lists none',
      'secret-deleted-later',
      changed(raw => {
        for (const each of raw.Results) delete each.Secrets;
      }, 'secret-deleted-later'),
    ],
    [
      'checks that failed, of which it lists none',
      'root',
      changed(raw => {
        for (const each of raw.Results) delete each.Misconfigurations;
      }, 'root'),
    ],
    [
      'the end of life of a system that it does not name',
      'alpine-eol',
      changed(raw => {
        delete raw.Metadata.OS;
      }, 'alpine-eol'),
    ],
    ['an end of life in small letters', 'alpine-eol', replaced('"EOSL"', '"eosl"', 'alpine-eol')],
  ])('%s', (_, name, bytes) => {
    expect(said(bytes, name)).toBe('REPORT_INVALID');
  });
});

describe('what is only strange has its verdict', () => {
  test.each<[string, Buffer]>([
    ['a byte order mark', Buffer.concat([Buffer.from('\ufeff'), bytesOf(rawReport('fixable-critical'))])],
    [
      'a title of 10 MB',
      changed(raw => {
        vulnerability(raw).Title = 'x'.repeat(10 * MIB);
      }),
    ],
    [
      'a description of 10 MB that nobody reads',
      changed(raw => {
        vulnerability(raw).Description = '\u0000"\\'.repeat(3 * MIB);
      }),
    ],
    [
      'an id of 10 MB',
      changed(raw => {
        vulnerability(raw).VulnerabilityID = `CVE-${'0'.repeat(10 * MIB)}`;
      }),
    ],
    [
      'a package name of 10 MB',
      changed(raw => {
        vulnerability(raw).PkgName = '\u202e'.repeat((10 * MIB) / 3);
      }),
    ],
    [
      'a package URL of 10 MB',
      changed(raw => {
        vulnerability(raw).PkgIdentifier.PURL = `pkg:npm/${'%40'.repeat(3 * MIB)}`;
      }),
    ],
    [
      '10,000 lists in one another, where nobody reads',
      replaced('"SchemaVersion":2', `"SchemaVersion":2,"Extra":${'['.repeat(10_000)}${']'.repeat(10_000)}`),
    ],
    [
      '10,000 objects in one another',
      replaced(
        '"SchemaVersion":2',
        `"SchemaVersion":2,"Extra":${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`,
      ),
    ],
    ['half characters', replaced('"Title":"', '"Title":"\\ud800 \\udc00 ')],
    ['a NUL', replaced('"Title":"', '"Title":"\\u0000')],
    ['quotes that are escaped', replaced('"Title":"', '"Title":"\\u0022\\"')],
    [
      'a constructor',
      replaced(
        '"Severity":"CRITICAL"',
        '"constructor":{"Severity":"LOW"},"toString":null,"Severity":"CRITICAL"',
      ),
    ],
    [
      'labels of its own, in two cases',
      changed(raw => {
        raw.Metadata.ImageConfig.config.Labels = {
          version: '1',
          Version: '2',
          severity: 'LOW',
          results: '[]',
        };
      }),
    ],
    [
      '200,000 sources of scores',
      changed(raw => {
        vulnerability(raw).CVSS = Object.fromEntries(
          Array.from({ length: 200_000 }, (_, at) => [`s${at}`, { V3Score: 1 }]),
        );
      }),
    ],
    [
      'the fixed version missing of what is fixed',
      changed(raw => {
        delete vulnerability(raw).FixedVersion;
      }),
    ],
    [
      '100,000 findings, the last of which is refused',
      changed(many(100_000, at => ({ Severity: at === 99_999 ? 'CRITICAL' : 'LOW' }))),
    ],
    ['200,000 findings, all refused', changed(many(200_000, () => ({})))],
  ])('%s', (_, bytes) => {
    expect(said(bytes)).toBe('FAIL');
  });

  test('100,000 findings are counted, all of them, and none is refused that is not', () => {
    const answer = judged(changed(many(100_000, () => ({ Severity: 'LOW' }))), CRITICAL);
    expect(answer).toMatchObject({ says: 'PASS', verdict: { counts: { LOW: 100_000 } } });
  });

  test('a secret in a path as long as paths are can be listed 10,000 times', () => {
    const bytes = changed(raw => {
      const {
        Secrets: [first],
        ...result
      } = raw.Results[2];
      raw.Results[2] = {
        ...result,
        Target: `/${'x'.repeat(4096)}`,
        Secrets: Array.from({ length: 10_000 }, (_, at) => ({ ...first, StartLine: at })),
      };
    }, 'secret-deleted-later');
    expect(judged(bytes, caseOf('secret-deleted-later'))).toMatchObject({
      says: 'FAIL',
      verdict: { violationCount: 10_002 },
    });
  });
});

describe('too much is a failed scan, not a part of a verdict', () => {
  test('200,001 findings', () => {
    expect(said(changed(many(200_001, () => ({ Severity: 'LOW' }))))).toBe('REPORT_TOO_LARGE');
  });

  test('200,001 times the same finding', () => {
    expect(said(changed(many(200_001, () => ({ VulnerabilityID: 'CVE-1', Severity: 'LOW' }))))).toBe(
      'REPORT_TOO_LARGE',
    );
  });
});

test.each<[string, (raw: any) => void]>([
  [
    'a source of scores',
    raw => {
      vulnerability(raw).CVSS = { [`\u001b[2J${'x'.repeat(MIB)}`]: { V3Score: 'high' } };
    },
  ],
  [
    'a label',
    raw => {
      raw.Metadata.ImageConfig.config.Labels = { [`\u001b[2J${'x'.repeat(MIB)}`]: 5 };
    },
  ],
])('what is said of a report that is refused is short and plain, though %s is not', (_, change) => {
  const answer = judged(changed(change), CRITICAL);
  expect(answer).toMatchObject({
    says: 'ERROR',
    cause: 'REPORT_INVALID',
    detail: expect.stringMatching(/^[\x20-\x7e…]{1,400}$/),
  });
});

test('where no version is named that fixes it, an update is still what is asked for, and no grace period opens for what nobody can fix', () => {
  const read = readTrivyReport(
    changed(raw => {
      vulnerability(raw).FixedVersion = '';
    }),
  );
  expect(read.ok && normalise(read.value)[0]).toMatchObject({
    status: 'fixed',
    fixedVersion: 'a later version',
  });
});

test('a report that says that it was reduced already is reduced all the same', () => {
  const by = policy([{ rule: 'required-labels', action: 'deny', labels: ['x'] }]);
  const bytes = changed(raw =>
    Object.assign(raw, {
      Reduction: 9,
      Metadata: { ...raw.Metadata, ImageConfig: { config: { LabelNames: ['x'] } } },
    }),
  );
  expect(judged(bytes, { ...CRITICAL, policy: by }).says).toBe('FAIL');
});
