import { isSupported } from '../../../adapters/programs/trivy';
import { cleanEnvironment, scanEnvironment } from '../../../adapters/programs/trivy-environment';
import { answerLines } from '../../../cli/scan/answer-text';
import { Output } from '../../../cli/shell/output';
import { VERSIONS } from '../../../local/tools/versions';
import { RULES } from '../../../src/core/policy/rules';
import { CAUSES, type Cause } from '../../../src/core/scanning/failed-scan';
import { SEVERITIES } from '../../../src/core/scanning/finding';
import { normalise } from '../../../src/core/scanning/normalise';
import type { Judged, ScanAnswer } from '../../../use-cases/image-scan/answer';
import { askable } from '../../../use-cases/image-scan/asked-rules';
import { SCANNERS } from '../../../use-cases/image-scan/options';
import { platformNames } from '../../../use-cases/image-scan/platform-names';
import { remedyFor } from '../../../use-cases/image-scan/remedy';
import { HOSTILE } from '../../core/support/hostile';
import { STANDARD, verdict, violation } from '../../core/support/made';
import { report } from '../../core/support/reports';

describe('Trivy is run as a deployed build runs it', () => {
  test('a scan gets no login, no network and no other program', () => {
    const { HTTPS_PROXY, ...given } = scanEnvironment(
      { PATH: '/bin', HOME: '/home/me', AWS_PROFILE: 'me', GITHUB_TOKEN: 'x', SystemRoot: 'C:\\Windows' },
      '/scratch',
    );
    expect(HTTPS_PROXY).toBe('http://127.0.0.1:9');
    expect(Object.keys(given).sort()).toEqual([
      'ALL_PROXY',
      'GOGC',
      'GOMEMLIMIT',
      'HOME',
      'HTTP_PROXY',
      'SystemRoot',
      'USERPROFILE',
      'http_proxy',
      'https_proxy',
    ]);
    expect(given.HOME).toBe('/scratch');
  });

  test('a download gets what people log in by, and nothing else that Trivy listens to', () => {
    expect(
      cleanEnvironment({ TRIVY_IGNOREFILE: 'x', NODE_OPTIONS: 'x', PATH: '/bin', AWS_REGION: '' }),
    ).toEqual({ PATH: '/bin' });
  });

  test('a download gets the credentials of a container, and what it must show to ask for them', () => {
    const container = {
      AWS_CONTAINER_CREDENTIALS_FULL_URI:
        'http://127.0.0.1:1338/latest/meta-data/container/security-credentials',
      AWS_CONTAINER_AUTHORIZATION_TOKEN: 'token',
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: '/run/token',
    };
    expect(cleanEnvironment(container)).toEqual(container);
  });

  test('in the version that is tested with', () => expect(isSupported(VERSIONS.trivy)).toBe(true));
});

test('of every rule it is known which scanner it needs; of others that they may need all', () => {
  const rules = [...RULES.keys()].map(rule => ({ rule, action: 'deny' as const }));
  expect(
    askable(rules, [])
      .asked.map(({ rule }) => rule)
      .sort(),
  ).toEqual(['allowed-base-images', 'image-age', 'required-labels', 'runs-as-root']);
  expect(askable(rules, SCANNERS).notAsked).toEqual([]);
  expect(askable([{ rule: 'of-tomorrow', action: 'deny' }], ['vuln', 'secret']).notAsked).toHaveLength(1);
  expect(
    askable(rules, ['vuln', 'secret'])
      .notAsked.map(({ rule }) => rule)
      .sort(),
  ).toEqual(['misconfigurations', 'rego']);
});

test.each([
  [
    ['linux/amd64', 'linux/arm64'],
    ['linux/amd64', 'linux/arm64'],
  ],
  [
    ['linux/amd64', 'linux/amd64/2', 'linux/amd64', 'Linux/amd64'],
    ['linux/amd64', 'linux/amd64/2', 'linux/amd64/3', 'Linux/amd64/4'],
  ],
  [
    ['a/b', 'a-b'],
    ['a/b', 'a-b/2'],
  ],
])('platforms %j are called %j, each by a name of its own', (platforms, names) =>
  expect(platformNames(platforms)).toEqual(names),
);

describe('what is printed', () => {
  const answer = (changes: Partial<ScanAnswer> = {}): ScanAnswer => ({
    outcome: 'FAIL',
    title: 'an image',
    digest: `sha256:${'a'.repeat(64)}`,
    rules: 'the standard policy',
    policy: STANDARD.document,
    trivy: '0.74.0',
    judged: [],
    platformErrors: [],
    notAsked: [],
    mayHaveGracePeriod: false,
    ...changes,
  });
  const out = new Output({ environment: {} });

  test.each(HOSTILE)('holds no character of the image that works on a terminal: %j', text => {
    const waived = {
      ...violation({ message: text, id: text, package: text }),
      action: 'deny' as const,
      waiver: { key: text, owner: text, reason: text, ticket: text, until: '2026-12-01T00:00:00.000Z' },
    };
    const of = verdict({
      violations: [violation({ message: text, remedy: text, rule: text, platform: text })],
      violationCount: 1,
      waived: [waived],
      deadlines: [
        {
          ...violation({ message: text }),
          since: '2026-11-25T00:00:00.000Z',
          due: '2026-12-01T00:00:00.000Z',
        },
      ],
    });
    const lines = answerLines(
      answer({
        title: text,
        verdict: of,
        platformErrors: [{ cause: 'UNSCANNABLE', platform: text, detail: text, remedy: text }],
      }),
      SEVERITIES,
      out,
    );
    // eslint-disable-next-line no-control-regex
    for (const line of lines) {
      expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/);
    }
  });

  test('has a waiver once, also where the policy both refuses and warns', () => {
    const waiver = { key: 'k', owner: 'o', reason: 'r', until: '2026-12-01T00:00:00.000Z' };
    const waived = (['deny', 'warn'] as const).map(action => ({
      ...violation({ id: 'CVE-1', fingerprint: 'a'.repeat(64) }),
      action,
      waiver,
    }));
    const lines = answerLines(
      answer({ verdict: verdict({ waived: [...waived, { ...waived[0]!, fingerprint: 'b'.repeat(64) }] }) }),
      SEVERITIES,
      out,
    );
    expect(lines).toContain('waived: 2');
  });

  test('of a PASS: counts by severity, and what was left out, and why', () => {
    const findings = normalise(report('unfixed-only'));
    const [first] = findings;
    const judged = verdict({ outcome: 'PASS' });
    const image = { platform: 'linux/amd64' } as Judged['image'];
    const lines = answerLines(
      answer({
        outcome: 'PASS',
        verdict: judged,
        judged: [{ image, verdict: judged, findings: [...findings, { ...first!, type: 'license' }] }],
      }),
      SEVERITIES,
      out,
    );
    expect(lines.slice(lines.indexOf(''))).toEqual([
      '',
      'found: 1 CRITICAL, 2 HIGH, 1 LOW, 2 UNKNOWN',
      '  2 HIGH, 1 LOW, 1 UNKNOWN left out: the policy does not count this severity',
      '  1 CRITICAL left out: no version fixes it yet, and the policy counts only what a version fixes',
      '  1 UNKNOWN left out: no rule of the policy looks at licences that Trivy reports as findings',
    ]);
    expect(
      answerLines(answer({ judged: [{ image, verdict: judged, findings: [] }] }), SEVERITIES, out),
    ).toContain('found: nothing');
  });

  test('has the whole count, also where the list is cut', () => {
    const many = verdict({
      violations: Array.from({ length: 500 }, (_, at) => violation({ message: `finding ${at}` })),
      violationCount: 900,
    });
    const lines = answerLines(answer({ verdict: many }), SEVERITIES, out);
    expect(lines).toContain('and 850 more that refuse the image: --json lists the worst 500');
    expect(lines.filter(line => line.startsWith('  finding'))).toHaveLength(50);
  });
});

const STEPS = ['read', 'download', 'scan', 'account'] as const;
const SURROUNDINGS = {
  cache: "/a folder/it's",
  databases: { vulnerabilities: ['r'], java: [], kept: ['vulnerabilities', 'java'] },
} as const;

/** Those that a cloud alone can have: builds, and stored scans. */
const OF_THE_CLOUD = /^(?:BUILD_|SCANNER_(?:CHANGED|IMAGE)|PROVENANCE|REPORT_OUTDATED|DATABASE_OLDER|CHILD_)/;

test.each((Object.keys(CAUSES) as Cause[]).filter(cause => !OF_THE_CLOUD.test(cause)))(
  'what to do about %s does not wait for a cloud',
  cause => {
    for (const step of STEPS) {
      expect(remedyFor(cause, SURROUNDINGS, step)).not.toMatch(
        /automatically|request a scan|--download-(?:java-)?db-only --skip/,
      );
    }
  },
);

test.each(['SCANNER_CRASHED', 'SCANNER_FAILED', 'SCAN_TIMED_OUT'] as const)(
  'what to do about %s speaks of Trivy only where Trivy ran',
  cause => {
    expect(STEPS.map(step => /trivy/i.test(remedyFor(cause, SURROUNDINGS, step)))).toEqual([
      false,
      true,
      true,
      false,
    ]);
  },
);
