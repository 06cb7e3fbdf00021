import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import type { Check } from './check';
import { tiedTo } from './children';
import { SKIPPED } from './marks';
import type { SuiteOutcome } from './state';
import { SUITES_AT_ONCE, type SuiteName } from './suites';
import { cloudEnvironment } from '../local/cloud/description';
import { patienceWith } from '../local/cloud/patience';
import { run } from '../local/tools/command';

const ROOT = join(__dirname, '..');
const JEST = join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js');
const MAX_SAYS = 1500;

interface JestReport {
  readonly testResults: readonly {
    readonly message: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly ancestorTitles: readonly string[];
      readonly fullName: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

/** A few at a time: on AWS most of their time is spent waiting for builds and stacks. */
export async function runSuites(check: Check): Promise<void> {
  const { state } = check.file;
  const waiting = state.suites.filter(suite => state.suiteOutcomes[suite] === undefined);
  const worker = async () => {
    for (let suite = waiting.shift(); suite !== undefined; suite = waiting.shift()) {
      check.say(`tests: ${suite} …`);
      await runSuite(check, suite);
    }
  };
  await Promise.all(Array.from({ length: SUITES_AT_ONCE }, worker));
}

/** The end-to-end tests of one file, as they stand, in this cloud. A test that fails is a result. */
async function runSuite(check: Check, suite: SuiteName): Promise<void> {
  const { cloud, file, folder, say } = check;
  const report = join(folder, `aws-check.${suite}.json`);
  rmSync(report, { force: true });
  const began = Date.now();
  const { code, stderr } = await run(
    process.execPath,
    [
      JEST,
      '--ci',
      ...['--config', 'test/e2e/jest.config.json'],
      ...['--json', '--outputFile', report],
      ...['--testTimeout', String(patienceWith(cloud).test)],
      ...['--runTestsByPath', `test/e2e/${suite}.e2e.ts`],
    ],
    {
      cwd: ROOT,
      environment: {
        ...process.env,
        ...cloudEnvironment(cloud),
        TEST_CLOUD: JSON.stringify(cloud),
        ...tiedTo(process.pid),
      },
    },
  );
  const outcome = readReport(report, (Date.now() - began) / 1000);
  if (outcome === undefined) {
    throw new Error(`jest ended with ${code} and no report: ${stderr.slice(-MAX_SAYS)}`);
  }
  rmSync(report, { force: true });
  const skipped = Object.values(outcome.skipped).reduce((all, each) => all + each, 0);
  say(`${suite}: ${outcome.passed} passed, ${outcome.failed.length} failed, ${skipped} skipped`);
  for (const { test, says } of outcome.failed) say(`  ${test}: ${says.split('\n')[0]}`);
  file.update({ suiteOutcomes: { ...file.state.suiteOutcomes, [suite]: outcome } });
}

function readReport(path: string, seconds: number): SuiteOutcome | undefined {
  let report: JestReport;
  try {
    report = JSON.parse(readFileSync(path, 'utf8')) as JestReport;
  } catch {
    return undefined;
  }
  const tests = report.testResults.flatMap(({ assertionResults }) => assertionResults);
  const failed = tests
    .filter(({ status }) => status === 'failed')
    .map(({ fullName, failureMessages }) => ({
      test: fullName,
      says: cut(failureMessages.join('\n')),
    }));
  // a file that does not load has no tests
  const broken =
    tests.length > 0
      ? []
      : report.testResults.map(({ message }) => ({ test: 'the file', says: cut(message) }));
  const skipped: Record<string, number> = {};
  for (const { status, ancestorTitles } of tests) {
    if (status !== 'pending') continue;
    const title = ancestorTitles.find(each => each.startsWith(SKIPPED));
    const why = title?.slice(SKIPPED.length) ?? 'no reason is given';
    skipped[why] = (skipped[why] ?? 0) + 1;
  }
  return {
    passed: tests.filter(({ status }) => status === 'passed').length,
    failed: [...failed, ...broken],
    skipped,
    seconds,
  };
}

function cut(text: string): string {
  return stripVTControlCharacters(text).slice(0, MAX_SAYS);
}
