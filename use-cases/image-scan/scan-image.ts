import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Judged, ScanAnswer, PlatformError } from './answer';
import { askable } from './asked-rules';
import { choosePolicy } from './choose-policy';
import { policyForImage, type PolicyForImage, type ChosenPolicy } from './chosen-policy';
import { repositoryIn, scannersIn, secondsIn, secretSearchIn, type ScanOptions } from './options';
import { platformImages } from './platform-images';
import { UNREADABLE } from './remedy';
import { scanPlatform, type PlatformScan } from './scan-platform';
import { openTarget, type Target } from './target';
import type { Caller } from '../../adapters/caller';
import { regoRuntime } from '../../adapters/programs/rego';
import { inScratch } from '../../adapters/programs/scratch';
import { Trivy } from '../../adapters/programs/trivy';
import type { Databases } from '../../adapters/programs/trivy-environment';
import { foldIndex } from '../../src/core/evaluation/fold-index';
import type { Verdict, Violation } from '../../src/core/evidence/verdict';
import { imageName } from '../../src/core/image/image';

/**
 * Opens, scans and judges one image: all that is told is in the answer. Throws what a person must fix first.
 */
export async function scanImage(
  name: string,
  options: ScanOptions,
  wantsSbom: boolean,
  cli: Caller,
): Promise<ScanAnswer> {
  return inScratch(async scratch => {
    const trivy = new Trivy(programFor(options, cli), cli.environment);
    // beside everything else: it is looked at before anything that Trivy says
    const version = trivy.version();
    version.catch(() => undefined);
    const [chosen, target] = await Promise.all([choosePolicy(options, cli), openTarget(name, scratch, cli)]);
    return judgeTarget(target, chosen, options, { trivy, version, scratch, wantsSbom }, cli);
  });
}

type Tools = Pick<PlatformScan, 'trivy' | 'version' | 'scratch' | 'wantsSbom'>;

async function judgeTarget(
  { title, source, ecr, isMadeUp = false }: Target,
  chosen: ChosenPolicy,
  options: ScanOptions,
  tools: Tools,
  cli: Caller,
): Promise<ScanAnswer> {
  const { policy, ...rest } = policyForImage(chosen, repositoryIn(options.repository), ecr);
  const scanners = scannersIn(options.scanners);
  const { asked, notAsked } = askable(policy.document.rules, scanners);
  const by = { ...rest, policy: { ...policy, document: { ...policy.document, rules: asked } } };
  const about = {
    title,
    digest: source.top.digest,
    ...(isMadeUp && { isDigestMadeUp: true as const }),
    ...(by.isNamed && { repository: by.image.repository }),
    rules: chosen.title,
    policy: by.policy.document,
    notAsked: [...new Set(notAsked.map(({ rule }) => rule))],
  };
  const content = await platformImages(source);
  if (!content.ok) {
    return {
      ...about,
      trivy: await tools.version,
      outcome: 'ERROR',
      judged: [],
      platformErrors: [unscannable(content.error)],
      mayHaveGracePeriod: false,
    };
  }

  const scan: PlatformScan = {
    ...tools,
    source,
    by,
    ...(options.html !== undefined && { known: chosen.known }),
    scanners,
    cache: cacheFolder(options, cli),
    secretSearch: secretSearchIn(options.secretSearch),
    databases: databases(options),
    seconds: secondsIn(options.timeout),
    rego: (...of) => regoRuntime().ask(...of),
    now: cli.now,
  };
  const judged: Judged[] = [];
  const platformErrors: PlatformError[] = [];
  for (const { platform, image } of content.value.platforms) {
    cli.out.progress(`scanning ${platform ?? 'the image'} …`);
    // the second image is judged by the same database as the first
    const told = image.ok
      ? await scanPlatform(
          image.value,
          judged.length === 0
            ? scan
            : {
                ...scan,
                databases: { ...scan.databases, kept: [...scan.databases.kept, 'vulnerabilities'] },
              },
        )
      : unscannable(image.error, platform);
    if ('verdict' in told) judged.push(told);
    else platformErrors.push(told);
  }
  const index = imageName({ ...by.image, digest: source.top.digest });
  const whole = platformErrors.length === 0 ? fold(judged, content.value.kind, index, cli.now()) : undefined;
  const left = about.notAsked.length === 0 || whole?.outcome === 'FAIL' ? [] : [notLookedFor(about.notAsked)];
  return {
    ...about,
    trivy: await tools.version,
    outcome: whole === undefined || left.length > 0 ? 'ERROR' : whole.outcome,
    judged,
    ...(whole !== undefined && { verdict: whole }),
    platformErrors: [...platformErrors, ...left],
    mayHaveGracePeriod: judged.some(({ verdict }) => mayHaveGracePeriod(verdict, asked)),
  };
}

function fold(
  judged: readonly Judged[],
  kind: 'image' | 'index',
  image: string,
  now: Date,
): Verdict | undefined {
  if (kind === 'image') return judged[0]?.verdict;
  const children = judged.map(
    ({
      image: {
        platform,
        descriptor: { digest },
      },
      verdict,
    }) => ({ platform, digest, verdict }),
  );
  const folded = foldIndex({ image, now, children });
  return 'verdict' in folded ? folded.verdict : undefined;
}

type Rules = PolicyForImage['policy']['document']['rules'];

function mayHaveGracePeriod({ deadlines, violations }: Verdict, rules: Rules): boolean {
  const hasGracePeriod = ({ rule, severity }: Violation) =>
    rules.some(
      entry =>
        entry.rule === rule &&
        (entry.graceDays as Record<string, unknown> | undefined)?.[severity ?? ''] !== undefined,
    );
  return deadlines.length > 0 || violations.some(hasGracePeriod);
}

function unscannable(detail: string, platform?: string): PlatformError {
  return { ...(platform !== undefined && { platform }), cause: 'UNSCANNABLE', detail, remedy: UNREADABLE };
}

function notLookedFor(rules: readonly string[]): PlatformError {
  const detail = `--scanners leaves out what these rules look at: ${rules.join(', ')}; nothing else is refused`;
  return { cause: 'NOT_LOOKED_FOR', detail, remedy: 'leave out --scanners' };
}

function programFor({ trivy }: ScanOptions, { cwd }: Caller): string {
  return trivy === undefined ? 'trivy' : /[/\\]/.test(trivy) ? resolve(cwd, trivy) : trivy;
}

function cacheFolder({ cacheDir }: ScanOptions, { cwd, environment }: Caller): string {
  if (cacheDir !== undefined) return resolve(cwd, cacheDir);
  return join(environment.XDG_CACHE_HOME || join(environment.HOME || homedir(), '.cache'), 'trusted-images');
}

function databases({
  dbRepository = [],
  javaDbRepository = [],
  skipDbUpdate = false,
}: ScanOptions): Databases {
  return {
    vulnerabilities: dbRepository,
    java: javaDbRepository,
    kept: skipDbUpdate ? ['vulnerabilities', 'java'] : [],
  };
}
