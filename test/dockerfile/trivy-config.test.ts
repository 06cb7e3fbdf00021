import type { DockerfileFinding } from '../../dockerfile/checks/finding';
import { outcomeOf } from '../../dockerfile/report';
import { mergeFindings, readTrivyConfig } from '../../dockerfile/trivy-config';

const FAILED = {
  ID: 'DS-0002',
  Severity: 'HIGH',
  Title: 'title',
  Message: 'message',
  Resolution: 'do',
  Status: 'FAIL',
  PrimaryURL: 'https://example.com',
  CauseMetadata: { StartLine: 3 },
};
const report = (...failed: object[]) => ({
  SchemaVersion: 2,
  Results: [
    {
      Target: 'Dockerfile',
      Class: 'config',
      Type: 'dockerfile',
      MisconfSummary: { Successes: 20, Failures: failed.length },
      Misconfigurations: failed,
    },
  ],
});
const read = (value: object) => readTrivyConfig(JSON.stringify(value));
const valueOf = (value: object) => {
  const result = read(value);
  if (!result.ok) throw new Error(result.error);
  return result.value;
};

test('what failed is a finding', () => {
  expect(valueOf(report(FAILED, { ...FAILED, Status: 'PASS' }))).toEqual([
    {
      rule: 'DS-0002',
      level: 'refused',
      line: 3,
      message: 'message',
      remedy: 'do',
      by: 'trivy',
      url: 'https://example.com',
    },
  ]);
});

test('what is LOW is a warning, and what nobody has judged is refused', () => {
  const levels = ['LOW', 'MEDIUM', 'CRITICAL', 'UNKNOWN', 'NEW'].map(
    Severity => valueOf(report({ ...FAILED, Severity }))[0]!.level,
  );
  expect(levels).toEqual(['warned', 'refused', 'refused', 'refused', 'refused']);
});

test('its text is shown, and does nothing else', () => {
  const [finding] = valueOf(
    report({ ...FAILED, Message: '\u001b[31ma\nb\u202e', PrimaryURL: 'javascript:a', CauseMetadata: {} }),
  );
  expect(finding).toEqual({
    rule: 'DS-0002',
    level: 'refused',
    line: 1,
    message: 'a b',
    remedy: 'do',
    by: 'trivy',
  });
});

test.each([
  ['no JSON', 'no'],
  ['nothing', '{}'],
  ['a file that Trivy could not read', '{"SchemaVersion":2,"ArtifactName":"."}'],
  ['another kind of file', JSON.stringify(report()).replace('"dockerfile"', '"kubernetes"')],
  ['no checks', JSON.stringify(report()).replace('20', '0')],
  ['another schema', JSON.stringify(report()).replace(':2', ':3')],
])('%s is no answer', (_, json) => expect(readTrivyConfig(json).ok).toBe(false));

describe('what ours says', () => {
  const finding = (rule: string, line: number, by: DockerfileFinding['by']): DockerfileFinding => ({
    rule,
    line,
    by,
    level: 'refused',
    message: '',
    remedy: '',
  });

  test.each([
    ['a secret on the same line', 'secret', 2, 'DS-0031', 2, ['secret']],
    ['a secret on another line', 'secret', 2, 'DS-0031', 3, ['secret', 'DS-0031']],
    ['a user, wherever Trivy puts it', 'runs-as-root', 9, 'DS-0002', 1, ['runs-as-root']],
    ['something else', 'secret', 2, 'DS-0010', 2, ['DS-0010', 'secret']],
  ])('Trivy says again or not: %s', (_, rule, line, id, at, rules) => {
    const merged = mergeFindings([finding(rule, line, 'trusted-images')], [finding(id, at, 'trivy')]);
    expect(merged.map(each => each.rule).sort()).toEqual([...rules].sort());
  });
});

test.each([
  [['warned'], 'PASS'],
  [[], 'PASS'],
  [['unclear', 'warned'], 'ERROR'],
  [['unclear', 'refused'], 'FAIL'],
] as const)('%j is %s', (levels, outcome) => {
  expect(
    outcomeOf(levels.map(level => ({ rule: 'a', level, line: 1, message: '', remedy: '', by: 'trivy' }))),
  ).toBe(outcome);
});
