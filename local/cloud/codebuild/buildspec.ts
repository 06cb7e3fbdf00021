import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { S3 } from '@aws-sdk/client-s3';
import { parse } from 'yaml';
import * as z from 'zod';
import { BuildRecord } from './wire';
import { mustRun } from '../../tools/command';

const Texts = z
  .union([z.string().transform(text => [text]), z.array(z.coerce.string())])
  .nullish()
  .transform(list => list ?? []);
const Variables = z
  .record(z.string(), z.coerce.string())
  .nullish()
  .transform(variables => variables ?? {});
const Phase = z.looseObject({
  commands: Texts,
  finally: Texts,
  'on-failure': z.string().optional(),
});
const NO_PHASE = Phase.parse({});

/**
 * The part of a buildspec that is run here. @see
 * https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html
 */
const Buildspec = z.looseObject({
  env: z
    .looseObject({
      shell: z.enum(['sh', 'bash']).default('sh'),
      variables: Variables,
      'parameter-store': Variables,
      'secrets-manager': Variables,
      'exported-variables': Texts,
    })
    .default(() => ({
      shell: 'sh' as const,
      variables: {},
      'parameter-store': {},
      'secrets-manager': {},
      'exported-variables': [],
    })),
  phases: z.looseObject({
    install: Phase.default(NO_PHASE),
    pre_build: Phase.default(NO_PHASE),
    build: Phase.default(NO_PHASE),
    post_build: Phase.default(NO_PHASE),
  }),
  artifacts: z
    .looseObject({
      files: Texts,
      name: z.string().optional(),
      'base-directory': z.string().default('.'),
      'discard-paths': z
        .union([z.boolean(), z.enum(['yes', 'no'])])
        .default(false)
        .transform(answer => answer === true || answer === 'yes'),
    })
    .optional(),
});
export type Buildspec = z.output<typeof Buildspec>;
export type Phase = z.output<typeof Phase>;

/** DOWNLOAD_SOURCE: the source into the folder, and the buildspec from where the record says it is. */
export async function downloadSource(
  { source }: BuildRecord,
  folder: string,
  scratch: string,
  s3: S3,
): Promise<Buildspec> {
  if (source.type === 'S3') {
    const zip = join(scratch, 'source.zip');
    await writeFile(zip, await s3Object(s3, source.location ?? ''));
    await mustRun('python3', ['-m', 'zipfile', '-e', zip, folder], 'a source in S3 is a ZIP file');
  } else if (source.type !== 'NO_SOURCE') {
    throw new Error(`a source of type ${source.type} is not emulated; use NO_SOURCE or S3`);
  }
  const document: unknown = parse(await buildspecText(source.buildspec ?? '', folder, s3));
  return Buildspec.parse(document);
}

async function buildspecText(given: string, folder: string, s3: S3): Promise<string> {
  if (given.startsWith('arn:aws:s3:::')) return (await s3Object(s3, given)).toString();
  const isInline = given.includes('\n') || given.trimStart().startsWith('{') || given.startsWith('version:');
  return isInline ? given : readFileSync(join(folder, given === '' ? 'buildspec.yml' : given), 'utf8');
}

/** `bucket/key` or an ARN of it. */
async function s3Object(s3: S3, location: string): Promise<Buffer> {
  const [Bucket, ...key] = location.replace(/^arn:aws:s3:::/, '').split('/');
  const { Body } = await s3.getObject({ Bucket, Key: key.join('/') });
  return Buffer.from(await Body!.transformToByteArray());
}
