import { mkdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Caller } from '../../adapters/caller';
import { unpackArchive } from '../../adapters/oci/archive';
import type { ImageSource } from '../../adapters/oci/image-source';
import { LayoutSource, titleOf } from '../../adapters/oci/layout';
import { runProcess } from '../../adapters/programs/process';
import { cleanEnvironment } from '../../adapters/programs/trivy-environment';
import { NotInRegistry } from '../../adapters/registry/registry';
import { RegistrySource } from '../../adapters/registry/registry-source';
import { Digest, type Repository } from '../../src/core/image/image';
import { readImageReference, type ImageReference } from '../../src/core/image/image-reference';
import { plainText, quoted } from '../../src/core/text/plain-text';
import { Seconds } from '../../src/core/times';
import { UserError, usageError } from '../../src/core/user-error';

/** The image that the command line names, opened. */
export interface Target {
  readonly title: string;
  readonly source: ImageSource;
  /** An archive without a manifest: the digest is of the manifest that was written for the scan. */
  readonly isMadeUp?: boolean;
  /** Its repository, if it is in Amazon ECR. */
  readonly ecr?: Repository;
}

const DOCKER = 'docker:';
/** Variables by which Docker's client finds a Docker on another machine. */
const OF_DOCKER = ['DOCKER_HOST', 'DOCKER_CONTEXT', 'DOCKER_TLS_VERIFY', 'DOCKER_CERT_PATH', 'SSH_AUTH_SOCK'];

/** An existing folder or file, an image of the local Docker, or an image in a registry. */
export async function openTarget(text: string, scratch: string, cli: Caller): Promise<Target> {
  if (text.startsWith(DOCKER)) return openDocker(text.slice(DOCKER.length), scratch, cli);
  const path = resolve(cli.cwd, text);
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory() === true) {
    return { title: `the OCI layout ${titleOf(text)}`, source: await LayoutSource.open(path, titleOf(text)) };
  }
  if (found?.isFile() === true) return openArchive(path, `the archive ${titleOf(text)}`, scratch);
  if (found !== undefined) {
    throw new UserError(`${titleOf(text)} is neither a folder nor a file, allowed: an OCI layout or a tar`);
  }
  if (/^[./~]|\.tar(?:\.gz)?$|^[A-Za-z]:\\/.test(text)) {
    throw new UserError(
      `${titleOf(text)} is not there, allowed: an OCI layout, a tar, or an image in a registry`,
    );
  }
  const reference = referenceIn(text);
  // a name alone is rather the path of what was not built yet, and Docker Hub would be asked for it
  if (!isAddress(text) && reference.tag === undefined && reference.digest === undefined) {
    throw new UserError(
      `${titleOf(text)} is not there, allowed: an OCI layout, a tar, docker:${plainText(text, 300)}, or an image in a registry with its tag, ${plainText(text, 300)}:latest`,
    );
  }
  return openRegistry(reference, cli);
}

/** The name begins with the host of a registry. */
function isAddress(text: string): boolean {
  return /^(?:localhost|[^/]*[.:][^/]*)\//.test(text);
}

/** Digests of other algorithms than SHA-256 are not checked here, so they are not taken. */
export function referenceIn(text: string): ImageReference {
  const read = readImageReference(text);
  if (read.ok && Digest.optional().safeParse(read.value.digest).success) return read.value;
  const why = read.ok ? 'has a digest that is not of SHA-256' : read.error;
  throw usageError(
    `${quoted(text, 200)} is not an existing file or folder, and as the name of an image it ${why}, allowed: an OCI layout, a tar, or <registry>/<repository>:<tag> or @sha256:<64 hex>`,
  );
}

async function openRegistry(reference: ImageReference, cli: Caller): Promise<Target> {
  const { host, path, tag = 'latest', digest, ecr } = reference;
  const source = await RegistrySource.open(reference, cli).catch((error: unknown) => {
    if (!(error instanceof NotInRegistry)) throw error;
    const name = plainText(path.replace(/^library\//, ''), 300);
    throw new UserError(`${error.message}; an image of the local Docker is scanned as docker:${name}`);
  });
  return {
    title: plainText(
      digest === undefined ? `${host}/${path}:${tag}@${source.top.digest}` : `${host}/${path}@${digest}`,
      300,
    ),
    source,
    ...(ecr !== undefined && { ecr }),
  };
}

async function openArchive(file: string, title: string, scratch: string): Promise<Target> {
  const folder = join(scratch, 'layout');
  await mkdir(folder);
  const { isMadeUp } = await unpackArchive(file, folder, title);
  return { title, source: await LayoutSource.open(folder, title), isMadeUp };
}

async function openDocker(name: string, scratch: string, cli: Caller): Promise<Target> {
  const file = join(scratch, 'image.tar');
  const environment = { ...cleanEnvironment(cli.environment), ...whereDockerIs(cli.environment) };
  const { code, stderr } = await runProcess('docker', ['save', `--output=${file}`, '--', name], {
    cwd: scratch,
    environment,
    seconds: Seconds.dockerSave,
  });
  if (code !== 0) {
    throw new UserError(
      `docker save ${quoted(name, 300)} ended with ${code}: ${plainText(stderr.trim() || 'without a message', 300)}; build the image, or have Docker running`,
    );
  }
  return openArchive(file, `the image ${quoted(name, 300)} of the local Docker`, scratch);
}

function whereDockerIs(environment: Caller['environment']): Record<string, string> {
  return Object.fromEntries(
    OF_DOCKER.flatMap(name => (environment[name] === undefined ? [] : [[name, environment[name]]])),
  );
}
