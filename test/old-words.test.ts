import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

const root = join(__dirname, '..');

/** Where the words are checked. In tests, only the titles are. */
const PLACES = [
  'src',
  'lambda',
  'use-cases',
  'adapters',
  'cli',
  'dockerfile',
  'local',
  'examples',
  'bench',
  'normal-form',
  'rego',
  'projenrc',
  'docs',
  'decisions',
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'SECURITY.md',
  'API.md',
];
const TEXT = /\.(?:ts|go|py|md|json|ya?ml|rego|dot)$/;
const SKIPPED = /(?:^|\/)(?:node_modules|testdata|lib|cdk\.out)(?:\/|$)/;
const TITLE = /\b(?:test|describe|it)(?:\.\w+)*(?:\([^'"`]*\))?\(\s*(?:'[^'\n]*'|"[^"\n]*"|`[^`]*`)/g;

interface OldWord {
  readonly old: RegExp;
  readonly instead: string;
  /** Only in these files. */
  readonly only?: RegExp;
  /** Not in these files, or not where the line looks like this: there the word means something else. */
  readonly except?: RegExp;
}

const OLD_WORDS: readonly OldWord[] = [
  {
    old: /\bwindows?\b|\bWindows(?!\b)[A-Z]?\w*|RemediationWindow|remediationWindow|windowDays|\bWINDOWS\b/,
    instead: 'grace period, GracePeriod, graceDays',
    except: /GOOS: 'windows'|zstd|[dD]ecoderMaxWindow|maxWindow|normal-form\/.*\.go/,
  },
  { old: /\bin force\b|\b[iI]nForce\b|putInForce|PutInForce/, instead: 'active, activate' },
  { old: /PolicyBook|policyBook|[rR]ule[bB]ook/, instead: 'PolicySet, "policy set"' },
  { old: /[dD]eclaredPolicy|\bdeclared polic/, instead: 'PolicySource, "policy source"' },
  {
    old: /\bClaimed?\b|\bclaimed\b|\b(?:the|a|its|this|no|scan|stale) claims?\b(?! (?:that|is|of))/,
    instead: 'scan lease, ScanLease',
    only: /register|scanning|evaluation|dispatch|reconcile/,
  },
  {
    old: /lastAttempt|\bAttempts?\b|\b(?:an?|the|last|each|every|failed|first|this|one) attempts?\b|attempt\.ts/,
    instead: 'failed scan, FailedScan, lastFailedScan',
  },
  { old: /[aA]nnounc|\bowed\b/, instead: 'outbox, publish, event' },
  { old: /[cC]omplaint/, instead: 'Issue' },
  {
    old: /\bsettle(?:s|d)?\b|\bsettle\w*\(|\bhasSettled\b|settle\.ts/,
    instead: 'classify',
    only: /^(?:src|use-cases|docs|decisions)\//,
    except: /eventSettled/,
  },
  { old: /\bStanding\b/, instead: 'Context, JudgementContext' },
  {
    old: /[cC]ould not tell|COULD[_ ]NOT[_ ]TELL|couldNotTell/,
    instead: 'indeterminate, INDETERMINATE',
  },
  { old: /\bdoors?\b|\bsecond door\b/, instead: 'checks' },
  { old: /\bUntold\b/, instead: 'PlatformError' },
  { old: /WaiverRegister|waiverRegister|[rR]egister of waivers/, instead: 'WaiverSource, the waiver file' },
  { old: /PolicyRegister|policyRegister/, instead: 'PolicyTable' },
  { old: /written-json|[wW]rittenJson/, instead: 'strict JSON' },
  { old: /\bdesk\b/, instead: 'command line' },
  { old: /\bmend(?:s|ed|ing)?\b/, instead: 'fix' },
  {
    old: /\b(?:run|runs|ran|running) out\b(?! of )|[rR]unsOut|[rR]anOut|hasRunOut|\blapse[sd]?\b/,
    instead: 'expire, expired',
  },
  {
    old: /\b(?:people|somebody|nobody|who|everybody) (?:is|are) told\b|\btold again\b/,
    instead: 'is notified, the team is notified, published again',
  },
  { old: /\b[tT]he house\b|\bhouse's\b|\brooms\b/, instead: 'layout, folders', except: /addRooms|projenrc/ },
  { old: /[wW]hat to do: /, instead: 'To fix: ' },
  { old: /façade/, instead: 'ImageTrust' },
  { old: /[iI]mages? from elsewhere|\b(?:is|are) from elsewhere\b/, instead: 'external image' },
  {
    old: /\bgrants? (?:that |still )?lives?\b|\b[lL]iving (?:break-glass )?grant/,
    instead: 'active grant, a grant is active',
  },
  { old: /\bNodes? that (?:is|are) alive\b/, instead: 'supported Node version' },
  { old: /[nN]obody special|that is none\b|which is none\b/, instead: "the field's plain term" },
];

interface Line {
  readonly where: string;
  readonly file: string;
  readonly text: string;
}

function filesIn(place: string): string[] {
  const path = join(root, place);
  if (!existsSync(path)) return [];
  if (TEXT.test(place)) return [place];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && TEXT.test(entry.name))
    .map(entry => relative(root, join(entry.parentPath, entry.name)))
    .filter(file => !SKIPPED.test(file));
}

function linesOf(file: string): Line[] {
  return readFileSync(join(root, file), 'utf8')
    .split('\n')
    .map((text, at) => ({ where: `${file}:${at + 1}`, file, text }));
}

function titlesOf(file: string): Line[] {
  const text = readFileSync(join(root, file), 'utf8');
  return [...text.matchAll(TITLE)].map(({ 0: title, index }) => ({
    where: `${file}:${text.slice(0, index).split('\n').length}`,
    file,
    text: title,
  }));
}

function oldWordsIn(lines: readonly Line[]): string[] {
  return lines.flatMap(({ where, file, text }) =>
    OLD_WORDS.flatMap(({ old, instead, only, except }) => {
      const isMeant = (only?.test(file) ?? true) && !(except?.test(`${file} ${text}`) ?? false);
      const found = isMeant ? old.exec(text)?.[0] : undefined;
      return found === undefined ? [] : [`${where} "${found}", write: ${instead}`];
    }),
  );
}

test('no old word of the glossary is used', () => {
  expect(oldWordsIn(PLACES.flatMap(filesIn).flatMap(linesOf))).toEqual([]);
});

test('no test title uses an old word of the glossary', () => {
  const files = filesIn('test').filter(file => file.endsWith('.ts') && file !== 'test/old-words.test.ts');
  expect(oldWordsIn(files.flatMap(titlesOf))).toEqual([]);
});

test.each([
  ['src/a.ts', 'const windowDays = 7;', true],
  ['docs/a.md', 'The remediation window is 7 days.', true],
  ['docs/a.md', 'On Windows, programs end in .exe.', false],
  ['src/core/register/a.ts', 'The row has a claim.', true],
  ['src/core/signing/statement.ts', 'The claims of a statement are strings.', false],
  ['src/a.ts', 'the waiver ran out', true],
  ['src/a.ts', 'Trivy ran out of memory', false],
  ['local/a.ts', 'maxAttempts: 2', false],
  ['src/a.ts', 'lastAttempt', true],
  ['docs/a.md', 'A break-glass grant lives.', true],
  ['src/a.ts', 'trust.breakGlass.metricGrantsLiving()', false],
  ['docs/a.md', 'An image from elsewhere is an alert.', true],
  ['docs/a.md', 'The layers are fetched from elsewhere.', false],
])('%s: %s, old: %s', (file, text, isOld) => {
  expect(oldWordsIn([{ where: file, file, text }]).length > 0).toBe(isOld);
});
