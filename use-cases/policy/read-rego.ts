import { documentText, POLICY, type EvidenceReader, type Pointer } from './active-document';
import { Limit } from '../../src/core/limits';
import { regoBuckets, regoRead, withRegoRead } from '../../src/core/policy/policy-source';
import { showProblem, type RegoProblem } from '../../src/core/rego/problem';
import { RegoProgram, type RegoInBucket } from '../../src/core/rego/rego-program';
import { failed, ok, type Result } from '../../src/core/result';

/** What reading the files of a policy needs of the world, and no more. */
export interface ReadRegoContext {
  readonly evidence: EvidenceReader;
  readonly pointer: { current(): Promise<Pointer | undefined> };
  /** The `.rego` files of a folder in a bucket, in the order of their keys. */
  regoFiles(source: RegoInBucket): Promise<{ key: string; versionId?: string; text: string }[]>;
  /** What is wrong with Rego. */
  check(program: RegoProgram): readonly RegoProblem[];
}

export interface ReadPolicy {
  /** The policy document that judges. */
  readonly document: string;
  /** Files that changed and cannot be used: the previous ones still count. */
  readonly rejected: readonly string[];
}

/**
 * The policy that judges, from the policy source of a deployment and the files that are in buckets now.
 * Broken files are replaced by those that counted before, also before the last deployment, so that a rollback
 * never fails because of them. Throws where there are none yet.
 */
export async function readRego(source: string, context: ReadRegoContext): Promise<ReadPolicy> {
  const read = new Map<string, RegoProgram>();
  const rejected: string[] = [];
  for (const bucket of regoBuckets(source)) {
    const program = await programOf(bucket, context);
    // with the current data, if the rules still compile
    const usable = program.ok ? program.value : await previousProgram(bucket, context);
    if (!program.ok) rejected.push(`s3://${bucket.bucket}/${bucket.prefix}: ${program.error}`);
    if (usable === undefined) throw new Error(`the Rego policy cannot be activated: ${rejected.at(-1)}`);
    read.set(keyOf(bucket), usable);
  }
  return { document: withRegoRead(source, bucket => read.get(keyOf(bucket))!), rejected };
}

async function programOf(
  source: RegoInBucket,
  context: ReadRegoContext,
): Promise<Result<RegoProgram, string>> {
  const { bucket, prefix, version, data = {} } = source;
  try {
    const files = await context.regoFiles(source);
    if (files.length === 0) return failed('there is no file that ends with .rego, allowed: one or more');
    const size = files.reduce((sum, { text }) => sum + text.length, JSON.stringify(data).length);
    if (size > Limit.regoTotalCharacters) {
      return failed(`its files have ${size} characters, allowed: ${Limit.regoTotalCharacters}`);
    }
    const modules = files.map(({ key, text }) => ({
      name: key,
      source: text,
      ...(version !== undefined && { version }),
    }));
    const versions = Object.fromEntries(files.map(({ key, versionId = '' }) => [key, versionId]));
    const program = RegoProgram.safeParse({ data, modules, from: { bucket, prefix, versions } });
    if (!program.success) {
      return failed(
        program.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '),
      );
    }
    const problems = context.check(program.data);
    return problems.length === 0
      ? ok(program.data)
      : failed(problems.slice(0, 10).map(showProblem).join('; '));
  } catch (error) {
    // missing, access denied, not UTF-8
    return failed(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
  }
}

async function previousProgram(
  source: RegoInBucket,
  { pointer, evidence, check }: ReadRegoContext,
): Promise<RegoProgram | undefined> {
  const current = await pointer.current();
  const before =
    (await programIn(current?.sha256, source, evidence)) ??
    (await programIn(current?.before, source, evidence));
  if (before === undefined) return undefined;
  const { version, data = {} } = source;
  const modules = before.modules.map(({ name, source: text }) => ({
    name,
    source: text,
    ...(version !== undefined && { version }),
  }));
  const now: RegoProgram = { ...before, data, modules };
  return check(now).length === 0 ? now : before;
}

async function programIn(
  sha256: string | undefined,
  source: RegoInBucket,
  evidence: EvidenceReader,
): Promise<RegoProgram | undefined> {
  const document = sha256 === undefined ? undefined : await documentText(POLICY, sha256, evidence);
  return document === undefined ? undefined : regoRead(document, source);
}

/** Two rules may use the same files with different data. */
function keyOf({ bucket, prefix, version, data }: RegoInBucket): string {
  return JSON.stringify([bucket, prefix, version, data]);
}
