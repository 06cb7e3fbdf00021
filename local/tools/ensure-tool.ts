import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { NOT_FOUND } from './command';
import { Machine, THIS_MACHINE } from './machine';
import { readTarball } from './tarball';
import { Release, Tool } from './tool';
import { sha256Of } from '../../src/core/text/sha256';

type Say = (line: string) => void;

/**
 * The path of a tool in its pinned version: from PATH, from the cache, from its release, or built from
 * source.
 */
export async function ensureTool(tool: Tool, say: Say, machine: Machine = THIS_MACHINE): Promise<string> {
  return (await findTool(tool, say, machine)) ?? fromSource(tool, keptAt(tool, machine), say, machine);
}

/** The same, but nothing is built: undefined if the tool is nowhere. */
export async function findTool(
  tool: Tool,
  say: Say,
  machine: Machine = THIS_MACHINE,
): Promise<string | undefined> {
  const kept = keptAt(tool, machine);
  return (
    (await onPath(tool, machine)) ??
    (machine.exists(kept) ? kept : undefined) ??
    fromRelease(tool, kept, say, machine)
  );
}

function keptAt({ name, version }: Tool, { cacheFolder }: Machine): string {
  return join(cacheFolder, 'tools', `${name}-${version}`, name);
}

async function onPath(tool: Tool, machine: Machine): Promise<string | undefined> {
  const path = machine.find(tool.name);
  if (path === undefined) return undefined;
  const { code, stdout } = await machine.run(path, tool.versionArguments);
  return code === 0 && tool.readVersion(stdout) === tool.version ? path : undefined;
}

async function fromRelease(
  tool: Tool,
  kept: string,
  say: Say,
  machine: Machine,
): Promise<string | undefined> {
  const { release } = tool;
  if (release === undefined || release.platform !== machine.platform) return undefined;
  say(`${tool.name} ${tool.version} is not on PATH: downloading ${release.url}`);
  const bytes = await machine.download(release.url).catch((error: unknown) => {
    say(`${tool.name} could not be downloaded (${reason(error)}), which is normal without internet`);
    return undefined;
  });
  if (bytes === undefined) return undefined;
  verify(release, bytes);
  const program = release.url.endsWith('.tar.gz') ? await unpacked(tool, bytes) : bytes;
  if (program === undefined) {
    throw new Error(
      `${release.url} holds no file ${tool.name}; see whether the release is packed differently`,
    );
  }
  return keep(kept, folder => writeFile(join(folder, tool.name), program, { mode: 0o755 }));
}

async function unpacked({ name }: Tool, bytes: Buffer): Promise<Buffer | undefined> {
  return (await readTarball(bytes)).find(file => file.path === name)?.content;
}

function verify({ url, sha256: expected }: Release, bytes: Buffer): void {
  const sha256 = sha256Of(bytes);
  if (sha256 === expected) return;
  throw new Error(
    `${url} has sha256 ${sha256}, expected ${expected}; do not use it: the release or the connection was tampered with`,
  );
}

async function fromSource(tool: Tool, kept: string, say: Say, machine: Machine): Promise<string> {
  const { source } = tool;
  say(`building ${tool.name} ${tool.version} from source, once: this takes ${source.duration}`);
  return keep(kept, async folder => {
    if (source.module !== undefined) await requireModule(folder, source.module);
    const build =
      source.module === undefined ? ['install'] : ['build', '-mod=mod', '-o', join(folder, tool.name)];
    const { code, stderr } = await machine.run('go', [...build, ...source.flags, source.package], {
      environment: { ...process.env, ...source.environment, GOBIN: folder },
      ...(source.module !== undefined && { cwd: folder }),
    });
    if (code === NOT_FOUND) {
      throw new Error(
        `no go on PATH to build ${tool.name} ${tool.version} with; install Go 1.26 or newer, or put ${tool.name} ${tool.version} on PATH`,
      );
    }
    if (code !== 0) {
      throw new Error(
        `go ${build[0]} ${source.package} ended with ${code}: ${stderr.trim().slice(-1000)}; or put ${tool.name} ${tool.version} on PATH`,
      );
    }
  });
}

/** A module that needs this one and nothing else. Go reads no more than it needs since its version 1.17. */
async function requireModule(folder: string, module: string): Promise<void> {
  await writeFile(join(folder, 'go.mod'), `module tool\n\ngo 1.24\n\nrequire ${module.replace('@', ' ')}\n`);
}

/** Fills a draft folder, then renames it: another process sees the whole folder or nothing. */
async function keep(kept: string, fill: (folder: string) => Promise<void>): Promise<string> {
  const home = dirname(kept);
  await mkdir(dirname(home), { recursive: true });
  const folder = await mkdtemp(join(dirname(home), `.${basename(home)}-`));
  try {
    await fill(folder);
    await rename(folder, home).catch((error: unknown) => {
      if (!existsSync(kept)) throw error; // else another process was faster, with the same program
    });
    return kept;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
