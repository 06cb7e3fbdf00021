import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { whyTagIsNotReleased } from './check';
import { generate, hasTool, MANIFEST, TARGETS, type Target } from './targets';

/** What a release would do for a language, as far as this machine shows it. */
export interface Outcome {
  readonly language: string;
  readonly registry: string;
  readonly name: string;
  /** What would be published. Without `whyNotPacked` it is packed, else only generated. */
  readonly files: readonly string[];
  readonly whyNotPacked?: string;
  /** The types of the resources that its quickstart has. Left out if it was not synthesised. */
  readonly synthesised?: readonly string[];
}

/** A package that this machine cannot get is no mistake of what is packed. */
const OUT_OF_REACH = /.*(?:403 Forbidden|404 Not Found|no such host|dial tcp|i\/o timeout).*/;

/**
 * Packs a language as a release does, installs it where that is possible, and synthesises the quickstart
 * with it. Without its tool, or without what the tool downloads, only what is generated is there. Every other
 * failure is one.
 */
export async function dryRun(target: Target): Promise<Outcome> {
  const { language, registry, name } = target;
  const folder = mkdtempSync(join(tmpdir(), `release-${language}-`));
  try {
    const whyNotPacked = await packOrGenerate(target, folder);
    const files = filesBelow(join(folder, language));
    if (files.length === 0) throw new Error(`nothing is packed for ${registry}`);
    const outcome = { language, registry, name, files };
    if (whyNotPacked !== undefined) return { ...outcome, whyNotPacked };
    if (target.synthesise === undefined) return outcome;
    const out = join(folder, 'cdk.out');
    mkdirSync(out);
    await target.synthesise(folder, out);
    return { ...outcome, synthesised: typesIn(out) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function packOrGenerate(target: Target, folder: string): Promise<string | undefined> {
  if (!(await hasTool(target))) {
    await generate(target, folder);
    return `no ${target.tool[0]} on PATH`;
  }
  try {
    await target.pack(folder);
    return undefined;
  } catch (error) {
    const [line] = OUT_OF_REACH.exec(error instanceof Error ? error.message : String(error)) ?? [];
    if (line === undefined) throw error;
    rmSync(join(folder, target.language), { recursive: true, force: true });
    await generate(target, folder);
    return line.replace('#STDERR>', '').trim();
  }
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(file => statSync(join(folder, file)).isFile())
    .sort();
}

function typesIn(out: string): string[] {
  const templates = readdirSync(out).filter(file => file.endsWith('.template.json'));
  const types = templates.flatMap(file => {
    const { Resources } = JSON.parse(readFileSync(join(out, file), 'utf8')) as {
      Resources: Record<string, { readonly Type: string }>;
    };
    return Object.values(Resources).map(({ Type }) => Type);
  });
  return [...new Set(types)].sort();
}

const ARCHIVE = /\.(?:tgz|whl|tar\.gz|nupkg|jar)$/;

/** What a registry would get. */
export function told({ registry, name, files, whyNotPacked, synthesised }: Outcome): string {
  const state =
    whyNotPacked !== undefined
      ? `generated, neither packed nor installed here: ${whyNotPacked}`
      : synthesised === undefined
        ? 'packed, not installed: nobody wrote a quickstart in this language'
        : 'packed, installed, the quickstart is synthesised';
  const archives = whyNotPacked === undefined ? files.filter(file => ARCHIVE.test(file)) : [];
  const what = archives.length > 0 ? archives : [`${files.length} files`];
  return [`${registry}: ${name} ${MANIFEST.version}`, state, ...what].join('\n    ');
}

async function onGithub(): Promise<string> {
  const tag = `v${MANIFEST.version}`;
  const reasons = await whyTagIsNotReleased(tag);
  return [
    `GitHub: the release ${tag}, with its notes, dist/js/*.tgz, sbom.cdx.json and SHA256SUMS`,
    ...(reasons.length === 0 ? [] : [`\nThe tag ${tag} would not be released from here:`]),
    ...reasons.map(reason => `- ${reason}`),
  ].join('\n');
}

async function main(names: readonly string[]): Promise<void> {
  const known = TARGETS.map(({ language }) => language as string);
  const unknown = names.filter(name => !known.includes(name));
  if (unknown.length > 0) throw new Error(`no language ${unknown.join(', ')}, allowed: ${known.join(', ')}`);
  const outcomes: Outcome[] = [];
  for (const target of TARGETS.filter(({ language }) => names.length === 0 || names.includes(language))) {
    process.stderr.write(`packing for ${target.registry}\n`);
    outcomes.push(await dryRun(target));
  }
  process.stdout.write(
    `What v${MANIFEST.version} would publish:\n\n${outcomes.map(told).join('\n\n')}\n\n${await onGithub()}\n`,
  );
}

if (require.main === module) {
  main(process.argv.slice(2)).catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  });
}
