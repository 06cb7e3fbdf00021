import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ask } from './authorities';
import { FINDINGS, ignoreFiles, type AskedFinding, type IgnoreFile } from './ignore-files';
import type { Disagreement, Suite } from './suite';
import { classify, type JudgementContext } from '../../src/core/evaluation/classify';
import { CHECK_WORDS, namesOfCheck } from '../../src/core/scanning/check-names';
import type { Finding } from '../../src/core/scanning/finding';
import { normalise } from '../../src/core/scanning/normalise';
import type { TrivyReport } from '../../src/core/scanning/trivy-report';
import { fromTrivyIgnore } from '../../src/core/waivers/trivy-ignore';

const NOW = new Date('2026-11-25T02:00:00.000Z');
const IMAGE = {
  account: '000000000000',
  region: 'us-east-1',
  repository: 'team/app',
  digest: `sha256:${'a'.repeat(64)}`,
};
/** What Trivy's files do not say, as wide as it can be: nothing but the file itself narrows a waiver. */
const OPTIONS = {
  now: NOW,
  maxLifeDays: 2_600_000,
  defaults: {
    owner: 'platform@example.com',
    reason: 'taken over from the pipeline as it is',
    digests: [IMAGE.digest],
    expires: '9000-01-01',
  },
};

interface Trivys {
  readonly error?: string;
  readonly covered?: readonly boolean[];
}

const FILES = 20_000;
const SEED = Number(process.env.SEED ?? 1);

/** What an ignore file covers: each generated file is asked about each finding. */
export const trivyIgnore: Suite = {
  name: 'trivy-ignore',
  about: 'What a `.trivyignore` or `.trivyignore.yaml` covers',
  authority:
    "Trivy's own parser and matcher (`pkg/result`): 20,000 generated files, 16 findings each; each question is a case",
  packages: ['go:github.com/aquasecurity/trivy', 'go:github.com/aquasecurity/trivy-checks'],
  run: async folders => {
    await checkNames(folders('go:github.com/aquasecurity/trivy-checks'));
    const files = ignoreFiles(FILES, SEED);
    const theirs = await ask<Trivys>('ignores', files.map(question));
    const disagreements = files.flatMap((file, index) => compare(file, theirs[index]!));
    return { cases: files.length * FINDINGS.length, disagreements };
  },
};

function question({ name, text }: IgnoreFile): object {
  return {
    name,
    text,
    now: NOW,
    findings: FINDINGS.map(({ type, id, target, path = '', purl = '' }) => ({
      type,
      ids: type === 'misconfiguration' ? namesOfCheck(id) : [id],
      target,
      path,
      purl,
    })),
  };
}

function compare(file: IgnoreFile, { error, covered = [] }: Trivys): Disagreement[] {
  const here = coveredHere(file);
  return FINDINGS.flatMap((finding, index): Disagreement[] => {
    const isCovered = typeof here !== 'string' && here[index]!;
    const isCoveredThere = error === undefined && covered[index]!;
    if (isCovered === isCoveredThere) return [];
    const said = `${JSON.stringify(finding)}, there ${error ?? isCoveredThere}: ${JSON.stringify(file)}`;
    if (isCovered) return [{ name: 'wider', said }];
    return typeof here === 'string'
      ? [{ name: `refused: ${kindOf(here)}`, said: `${here}: ${said}` }]
      : [{ name: `narrower: ${narrowerKind(finding, file.text)}`, said }];
  });
}

/** The message without what was given. */
function kindOf(message: string): string {
  return REFUSALS.find(([pattern]) => pattern.test(message))?.[1] ?? message;
}

const REFUSALS: readonly (readonly [RegExp, string])[] = [
  [/: "[^]*" is not read here, allowed: one exp/, 'words after an id that are no comment'],
  [/a byte-order mark/, 'a byte-order mark'],
  [/a line separator/, 'a line separator'],
  [/Trivy reads nothing behind a longer one/, 'a line of more than 65,535 bytes'],
  [/: id is /, 'an id with other characters than visible ASCII'],
  [/: reason is /, 'a statement of less than 20 characters'],
  [/expected (?:string|array)|expected nonoptional|invalid input/, 'a value of another type than a text'],
  [/: not a time, allowed/, 'an end without seconds or a zone, or with a month of one digit'],
  [/a day in quotes/, 'a day in quotes'],
  [/is not a key that Trivy reads here/, 'a key that Trivy does not know'],
  [/^the document: /, 'no map of sections'],
  [/paths of (?:licenses|misconfigurations) are not read here/, 'paths of checks and licences'],
  [/is not supported, allowed: no special characters/, 'patterns of paths other than * and **'],
  [/: path is /, 'a path that is empty, or has . or ..'],
  [/covers nothing in Trivy, where the path of/, 'a path with or without / at its beginning'],
  [/Trivy uses purls for vulnerabilities only/, 'packages outside of vulnerabilities'],
  [
    /is not a package URL as Trivy reports them|: purl is |has a star, which is|has upper case in its/,
    'package URLs in other forms',
  ],
  [/a control character/, 'a control character'],
  [/^(?:an anchor|an alias|a tag|a directive) \(/, 'anchors, aliases, tags and directives'],
  [/a tab at the beginning of a line/, 'a tab at the beginning of a line'],
  [/a second document begins here/, 'a second document'],
  [/stands twice, allowed: once/, 'a key that stands twice'],
  [/^not YAML: /, 'what YAML 1.2 does not allow'],
];

function narrowerKind({ type, id, purl }: AskedFinding, text: string): string {
  if (text.includes('0001-01-01')) return 'the year 1, which is no time in Go';
  if (type === 'license' && id.includes(' OR ')) return 'a licence expression, each part of which is ignored';
  if (type === 'vulnerability' && purl === undefined && text.includes('purls')) {
    return 'a package without a package URL';
  }
  if (/2026-11-2[56]T/.test(text)) return 'an end within a day';
  if (type === 'vulnerability' && text.includes('paths')) return 'a path that is the target of a result';
  if (type === 'vulnerability' && text.includes('purls')) return 'a package URL that is spelt differently';
  return 'another reason';
}

/** The names of checks are those that Trivy's checks have in their metadata. */
async function checkNames(checks: string): Promise<void> {
  const folder = join(checks, 'checks', 'docker');
  const theirs: string[] = [];
  for (const file of (await readdir(folder)).filter(each => /(?<!_test)\.rego$/.test(each))) {
    const text = await readFile(join(folder, file), 'utf8');
    const id = /^#   id: (\S+)$/m.exec(text)?.[1] ?? file;
    const aliases = /^#   aliases:\n((?:#     - \S+\n)+)/m.exec(text)?.[1] ?? '';
    theirs.push([id, ...Array.from(aliases.matchAll(/- (\S+)/g), ([, alias]) => alias!)].join(' '));
  }
  const ours = Object.keys(CHECK_WORDS).map(id => namesOfCheck(id).join(' '));
  const different = [
    ...theirs.filter(each => !ours.includes(each)),
    ...ours.filter(each => !theirs.includes(each)),
  ];
  if (different.length > 0) {
    throw new Error(`src/core/scanning/check-names.ts differs from Trivy's checks: ${different.join('; ')}`);
  }
}

/** The same finding in a report, as this library reads it. */
export function findingOf({ type, id, target, path, purl }: AskedFinding): Finding {
  const PkgIdentifier = purl === undefined ? undefined : { PURL: purl };
  const common = { Severity: 'HIGH' as const, Title: id };
  const results = {
    vulnerability: {
      Vulnerabilities: [{ ...common, VulnerabilityID: id, PkgName: 'x', PkgPath: path, PkgIdentifier }],
    },
    misconfiguration: { Misconfigurations: [{ ...common, ID: id }] },
    secret: { Secrets: [{ ...common, RuleID: id }] },
    license: { Licenses: [{ Severity: 'HIGH' as const, Name: id, FilePath: path }] },
  };
  const report = { Results: [{ Target: target, Class: 'x', ...results[type] }] };
  return normalise(report as unknown as TrivyReport)[0]!;
}

const ours = FINDINGS.map(findingOf);

/** Which findings the file covers here, or why it is refused. */
export function coveredHere({ name, text }: IgnoreFile): readonly boolean[] | string {
  const read = fromTrivyIgnore(text, name, OPTIONS);
  if (!read.ok) return read.error[0]!.message;
  const context: JudgementContext = {
    image: IMAGE,
    waivers: read.value,
    gracePeriods: new Map(),
    wasTrusted: false,
    waivedBefore: new Set(),
    now: NOW,
  };
  return ours.map(finding => {
    const issue = { id: finding.id, message: 'found', remedy: 'fix it' };
    return (
      'waived' in
      classify({ rule: 'r', action: 'deny', issue, finding, named: () => [finding] }, context, new Map())
    );
  });
}
