import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { findManifests } from './find-manifests';
import { render } from './render';
import type { Caller } from '../../adapters/caller';
import { inScratch } from '../../adapters/programs/scratch';
import { runTrivyOnManifests } from '../../adapters/programs/trivy-config';
import { countBySeverity } from '../../src/core/evidence/severity-counts';
import { unclear, type ManifestFinding } from '../../src/core/manifests/finding';
import { filesForTrivy } from '../../src/core/manifests/for-trivy';
import { judgeChecks, rulesForManifests } from '../../src/core/manifests/judge-checks';
import { judgeImages } from '../../src/core/manifests/judge-images';
import { isJudged, podSpecsIn } from '../../src/core/manifests/pod-specs';
import { readManifest, type KubernetesObject } from '../../src/core/manifests/read-manifest';
import { readTrivyFindings } from '../../src/core/manifests/trivy-findings';
import { compareText } from '../../src/core/text/compare';
import { plainText, quoted } from '../../src/core/text/plain-text';
import { usageError } from '../../src/core/user-error';
import { choosePolicy } from '../image-scan/choose-policy';
import { policyForImage } from '../image-scan/chosen-policy';
import { repositoryIn, type ScanOptions } from '../image-scan/options';

export interface ManifestOptions extends Pick<
  ScanOptions,
  'policy' | 'fromStack' | 'trust' | 'repository' | 'trivy'
> {
  readonly enrolled?: readonly string[];
  readonly helmValues?: readonly string[];
}

/** The result of a scan of manifests, as `--json` has it. */
export interface ManifestAnswer {
  readonly version: 1;
  readonly outcome: 'PASS' | 'FAIL' | 'ERROR';
  readonly folder: string;
  readonly policy: { readonly name: string; readonly from: string; readonly isStandard: boolean };
  readonly scanner: { readonly trivy: string };
  /** How many objects were looked at. */
  readonly objects: number;
  /** What Trivy found, by severity: also what the policy does not count. */
  readonly found: Readonly<Record<string, number>>;
  readonly findings: readonly ManifestFinding[];
}

/** Names no image: waivers are by repository, and perhaps by digest. */
const NO_DIGEST = `sha256:${'0'.repeat(64)}`;

/** Reads, renders and judges all manifests of a folder. Throws what a person must fix first. */
export async function scanManifests(
  folder: string,
  options: ManifestOptions,
  cli: Caller,
): Promise<ManifestAnswer> {
  const root = resolve(cli.cwd, folder);
  if ((await stat(root).catch(() => undefined))?.isDirectory() !== true) {
    throw usageError(`--manifests is ${quoted(folder, 300)}, allowed: an existing folder`);
  }
  const enrolled = options.enrolled?.map(enrolledIn);
  const chosen = await choosePolicy(options, cli);
  const {
    policy: published,
    waivers,
    image,
  } = policyForImage(chosen, repositoryIn(options.repository), undefined);
  const { policy, isStandard } = rulesForManifests(published);
  const { objects, problems } = await readAll(root, options, cli);
  const { version, findings, checked } = await check(objects, options, cli);
  const unjudged = objects
    .filter(each => isJudged(each) && podSpecsIn(each).length === 0)
    .map(withoutContainers);
  const all = [
    ...problems,
    ...unjudged,
    ...checked,
    ...judgeChecks(findings, { policy, waivers, image: { ...image, digest: NO_DIGEST }, now: cli.now() }),
    ...objects.flatMap(object => judgeImages(object, enrolled)),
  ].sort((a, b) => compareText(a.file, b.file) || a.line - b.line || compareText(a.rule, b.rule));
  const has = (level: ManifestFinding['level']) => all.some(each => each.level === level);
  return {
    version: 1,
    outcome: has('refused') ? 'FAIL' : has('unclear') ? 'ERROR' : 'PASS',
    folder: plainText(folder, 300),
    policy: { name: policy.document.name, from: chosen.title, isStandard },
    scanner: { trivy: version },
    objects: objects.length,
    found: countBySeverity(findings),
    findings: all,
  };
}

interface Read {
  readonly objects: readonly KubernetesObject[];
  readonly problems: readonly ManifestFinding[];
}

async function readAll(root: string, { helmValues = [] }: ManifestOptions, cli: Caller): Promise<Read> {
  const { files, toRender, problems } = await findManifests(root);
  const values = helmValues.map(file => resolve(cli.cwd, file));
  const read = files.map(({ path, bytes }) => readManifest(path, bytes));
  for (const source of toRender) {
    cli.out.progress(`rendering ${plainText(source.path, 300)} …`);
    const rendered = await inScratch(scratch => render(source, root, { values, scratch }, cli));
    read.push({ objects: [], problems: rendered.problems });
    // what a person can look at has other lines
    read.push(...rendered.files.map(({ path, bytes }) => withoutLines(readManifest(path, bytes))));
  }
  const objects = read.flatMap(each => each.objects);
  const all = [...problems, ...read.flatMap(each => each.problems)];
  if (objects.length > 0 || all.length > 0) return { objects, problems: all };
  return {
    objects,
    problems: [
      unclear('nothing-found', '.', 1, 'it has no manifest', 'name a folder with .yaml, .yml or .json'),
    ],
  };
}

function withoutLines({ objects, problems }: Read): Read {
  return {
    objects: objects.map(object => ({ ...object, lineOf: () => 1 })),
    problems: problems.map(problem => ({ ...problem, line: 1 })),
  };
}

async function check(
  objects: readonly KubernetesObject[],
  { trivy = 'trivy' }: ManifestOptions,
  cli: Caller,
) {
  const files = filesForTrivy(objects);
  cli.out.progress(`checking ${objects.length} objects …`);
  const { version, report } = await runTrivyOnManifests(files, trivy, cli);
  const read = readTrivyFindings(report, files);
  return read.ok
    ? { version, findings: read.value, checked: [] }
    : {
        version,
        findings: [],
        checked: [
          unclear(
            'not-checked',
            '.',
            1,
            `Trivy gave no answer: ${read.error}`,
            'run "trivy config" on the file to see more',
          ),
        ],
      };
}

function withoutContainers({ file, name, lineOf }: KubernetesObject): ManifestFinding {
  return {
    ...unclear(
      'unreadable',
      file,
      lineOf([]),
      'it has no container with an image, so nothing was checked',
      'correct it, so that kubectl accepts it',
    ),
    object: name,
  };
}

/** `<registry>/<repository>`, or `<registry>/<prefix>/`. */
function enrolledIn(text: string): string {
  if (/^[a-z0-9.-]+(?::\d+)?\/(?:[a-z0-9._/-]*)$/.test(text) && text.includes('.')) return text;
  throw usageError(
    `--enrolled is ${quoted(text, 300)}, allowed: a repository with its registry, or the start of some that ends with "/", for example 111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/`,
  );
}
