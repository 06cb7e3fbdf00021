import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { ProjectArtifacts } from '@aws-sdk/client-codebuild';
import { S3 } from '@aws-sdk/client-s3';
import { mustRun } from '../../tools/command';
import { matchesPath } from '../glob';
import { artifactKey } from './artifact-location';
import { Buildspec } from './buildspec';
import { BuildRecord } from './wire';

export interface ArtifactsInputs {
  readonly build: BuildRecord;
  readonly artifacts: ProjectArtifacts;
  readonly buildspec: Buildspec;
  readonly source: string;
  readonly scratch: string;
  readonly s3: S3;
}

/** UPLOAD_ARTIFACTS, with the build's own role. */
export async function uploadArtifacts(inputs: ArtifactsInputs): Promise<void> {
  const {
    build,
    artifacts,
    buildspec: { artifacts: wanted },
    source,
    scratch,
    s3,
  } = inputs;
  if (artifacts.type !== 'S3' || wanted === undefined || wanted.files.length === 0) return;
  const base = join(source, wanted['base-directory']);
  const files = filesUnder(base).filter(file => wanted.files.some(pattern => matchesPath(pattern, file)));
  if (files.length === 0) throw new Error(`no matching artifact paths found for ${wanted.files.join(', ')}`);
  await lookAtBucket(artifacts.location, s3);
  const key = artifactKey(
    artifacts,
    { id: build.id, projectName: build.projectName! },
    artifacts.overrideArtifactName ? wanted.name : undefined,
  );
  const location = `arn:aws:s3:::${artifacts.location}${key === '' ? '' : `/${key}`}`;
  const put = async (name: string, body: Buffer) =>
    s3.putObject({ Bucket: artifacts.location, Key: name, Body: body, ...encryption(inputs) });
  if (artifacts.packaging === 'ZIP') {
    const zip = join(scratch, 'artifact.zip');
    await mustRun('zip', ['-q', zip, ...files], 'artifacts with packaging ZIP need zip on PATH', {
      cwd: base,
    });
    const bytes = await readFile(zip);
    await put(key, bytes);
    build.artifacts = {
      ...build.artifacts,
      location,
      sha256sum: hash('sha256', bytes),
      md5sum: hash('md5', bytes),
    };
    return;
  }
  for (const file of files) {
    await put(
      [key, wanted['discard-paths'] ? basename(file) : file].filter(part => part !== '').join('/'),
      await readFile(join(base, file)),
    );
  }
  build.artifacts = { ...build.artifacts, location };
}

/**
 * AWS's example of a service role has these two rights beside `s3:PutObject`, and does not say when CodeBuild
 * uses them. Here it always does, so that a role without them fails.
 *
 * @see https://docs.aws.amazon.com/codebuild/latest/userguide/setting-up-service-role.html
 */
async function lookAtBucket(Bucket: string | undefined, s3: S3): Promise<void> {
  await s3.getBucketAcl({ Bucket });
  await s3.getBucketLocation({ Bucket });
}

/** MiniStack keeps no default key for CodeBuild; one that the project names is used. */
function encryption({ build, artifacts }: ArtifactsInputs): {
  ServerSideEncryption?: 'aws:kms';
  SSEKMSKeyId?: string;
} {
  if (
    artifacts.encryptionDisabled ||
    build.encryptionKey === undefined ||
    build.encryptionKey.endsWith(':alias/aws/codebuild')
  ) {
    return {};
  }
  return { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: build.encryptionKey };
}

function filesUnder(base: string): string[] {
  return readdirSync(base, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => relative(base, join(entry.parentPath, entry.name)))
    .sort();
}

function hash(algorithm: string, bytes: Buffer): string {
  return createHash(algorithm).update(bytes).digest('hex');
}
