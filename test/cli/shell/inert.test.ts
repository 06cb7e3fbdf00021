import { answerLines } from '../../../cli/scan/answer-text';
import { Output } from '../../../cli/shell/output';
import { answer, table } from '../../../cli/stack/answer';
import { decisionLines } from '../../../cli/stack/decision';
import { explanationLines } from '../../../cli/stack/explain';
import { findingsLines } from '../../../cli/stack/findings';
import { summarise, type Verdict } from '../../../src/core/evidence/verdict';
import { newRow } from '../../../src/core/register/row';
import { withVerdict } from '../../../src/core/register/transitions';
import { refused } from '../../../src/core/trust/refusal';
import { sarifOf } from '../../../use-cases/image-scan/sarif';
import { COMMAND, foreign, LINK } from '../../core/support/inert';
import { failing, IMAGE, NOW, scanId, STANDARD, violation } from '../../core/support/made';
import { COMMANDS, HONEST, LINKS } from '../../core/support/names';

/** What a terminal or a log gets. */
function written(by: (out: Output) => void): string {
  let all = '';
  const stream = {
    isTTY: false,
    write: (text: string | Uint8Array) => {
      all += String(text);
      return true;
    },
  };
  by(new Output({ stdout: stream, stderr: stream, environment: {} }));
  return all;
}

function failingBy(name: string): Verdict {
  const said = violation({ message: name, remedy: name, id: name, package: name, rule: 'vulnerabilities' });
  const waiver = { key: 'k', owner: 'o', reason: 'r', until: NOW.toISOString() };
  return failing({
    violations: [said],
    warnings: [said],
    waived: [{ ...said, action: 'deny', waiver }],
    deadlines: [{ ...said, since: NOW.toISOString(), due: NOW.toISOString() }],
  });
}

function scanned(name: string): any {
  const verdict = failingBy(name);
  return {
    outcome: 'FAIL',
    title: 'app',
    digest: 'sha256:0',
    rules: 'the standard policy',
    policy: { name: 'standard', rules: STANDARD.document.rules },
    trivy: '0.74.0',
    judged: [{ image: { platform: 'linux/amd64' }, verdict, findings: [] }],
    verdict,
    platformErrors: [{ cause: 'UNSCANNABLE', detail: name, remedy: 'fix the build' }],
    notAsked: [],
    mayHaveGracePeriod: false,
  };
}

/** Every list of lines of the command line that names of images are in. */
const LINES: Readonly<Record<string, (name: string) => readonly string[]>> = {
  scan: name => answerLines(scanned(name), ['CRITICAL', 'HIGH'], { styled: text => text }),
  findings: name =>
    findingsLines([
      {
        pk: IMAGE,
        sk: 'FINDING#a',
        status: 'OPEN',
        type: 'vulnerability',
        id: name,
        severity: 'CRITICAL',
        package: name,
        installedVersion: name,
        fixedVersion: name,
        violates: true,
        firstSeenAt: NOW.toISOString(),
        lastSeenAt: NOW.toISOString(),
        verdictId: scanId(1),
      },
    ]),
  verify: name => {
    const summary = summarise(failingBy(name), { evidenceKey: 'verdicts/x.json', sha256: '0' }, 5);
    return decisionLines({
      decision: refused(IMAGE, 'FAILED', name, { worst: summary.worst }),
      row: withVerdict(newRow(IMAGE), summary),
      evidenceBucket: 'evidence',
    });
  },
  explain: name =>
    explanationLines({
      decision: refused(IMAGE, 'FAILED', name),
      verdict: failingBy(name),
      places: {},
    } as any),
};

describe.each(Object.entries(LINES))('%s (rule 5.5, untrusted text)', (_, linesOf) => {
  test.each([...COMMANDS, ...LINKS])('prints neither a command nor a link: %j', name => {
    const log = written(out => answer({ out }, false, {}, () => linesOf(name)));
    for (const line of log.split('\n')) {
      expect(line).not.toMatch(COMMAND);
      expect(foreign(line)).not.toMatch(LINK);
    }
    expect(log.replaceAll('\n', '')).toMatch(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*$/u);
  });

  test.each(HONEST.filter(name => name.length < 40))('prints %j as it is', name => {
    expect(linesOf(name).join('\n')).toContain(name);
  });
});

test.each(COMMANDS)('JSON of %j has no command in any line, and loses nothing', text => {
  const value = { [text]: [text, { text }] };
  const log = written(out => answer({ out }, true, value, () => []));
  for (const line of log.split('\n')) expect(line).not.toMatch(COMMAND);
  expect(JSON.parse(log)).toEqual(value);
});

test.each(COMMANDS)('a line that begins with %j, however it was put together, is text', text => {
  const [half, rest] = [text.slice(0, 1), text.slice(1)];
  const log = written(out => {
    for (const line of [text, `  ${half}${rest}`, ...table(['A'], [[text]])]) {
      out.print(line);
      out.note(line);
      out.error(line);
    }
  });
  for (const line of log.split(/[\r\n]/)) expect(line).not.toMatch(COMMAND);
});

test.each(LINKS)('SARIF of an image has no link in what a rule says of it: %j', name => {
  const {
    runs: [{ results }],
  } = sarifOf(scanned(name)) as any;
  expect(results).not.toHaveLength(0);
  for (const { message } of results) expect(message.text).not.toMatch(LINK);
});
