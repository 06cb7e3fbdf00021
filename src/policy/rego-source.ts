import { readdirSync, readFileSync } from 'fs';
import { basename, join, relative } from 'path';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { atPath } from './named-path';
import { regoRuntime } from './rego-engine';
import { Limit } from '../core/limits';
import { showProblem } from '../core/rego/problem';
import { RegoProgram } from '../core/rego/rego-program';
import { checkProperties, having, optional, type Properties } from '../properties/properties';

/** The version of the Rego language. */
export enum RegoVersion {
  /** Without `if` and `contains`: `deny[msg] { … }`. */
  V0 = 'v0',
  /** With `if` and `contains`. */
  V1 = 'v1',
}

/**
 * How Rego files are read.
 */
export interface RegoOptions {
  /**
   * The version of the Rego language.
   *
   * @default - each file by itself: as v1, and where that fails, as v0
   */
  readonly version?: RegoVersion;

  /**
   * Documents that the policy sees as `data`.
   *
   * @default - none
   */
  readonly data?: { readonly [path: string]: any };
}

const REGO_OPTIONS: Properties<RegoOptions> = {
  version: optional(),
  data: optional(having<{ readonly [path: string]: any }>(), 'an object of values by their paths'),
};

/** A folder in a bucket. @internal */
export interface RegoFolder {
  readonly bucket: IBucket;
  readonly prefix: string;
}

/**
 * Where a Rego policy comes from.
 *
 * @see https://github.com/example/cdk-trusted-images/tree/main/docs/rego.md
 */
export class RegoSource {
  /**
   * A file, compiled when the app is synthesised; at most 80 KiB with its data. Throws with file, row and
   * column for every problem, and if none of its rules refuses.
   *
   * @param path the path of the file
   */
  public static fromFile(path: string, options: RegoOptions = {}): RegoSource {
    const source = atPath('file', path, each => readFileSync(each, 'utf8'));
    return RegoSource.compiled([{ name: basename(path), source }], options);
  }

  /**
   * Every `.rego` file of a folder and the folders in it, without tests (`_test.rego`), compiled together
   * when the app is synthesised; at most 80 KiB with their data. Throws like `fromFile()`.
   *
   * @param path the path of the folder
   */
  public static fromFolder(path: string, options: RegoOptions = {}): RegoSource {
    const files = atPath('folder', path, regoFiles).map(file => ({
      name: relative(path, file),
      source: readFileSync(file, 'utf8'),
    }));
    if (files.length === 0) {
      throw new Error(
        `the folder ${JSON.stringify(path)} has no policy, allowed: one or more files that end with .rego, and not with _test.rego`,
      );
    }
    return RegoSource.compiled(files, options);
  }

  /**
   * Files in a bucket, which change without a deployment: whoever may write there decides which images are
   * trusted. At most 100 files of 1 MiB each, and 4 Mi characters in all. They are read again within a
   * quarter of an hour. Files that do not compile change nothing, and an alarm notifies the team.
   *
   * @param bucket a bucket with versioning
   * @param prefix of the keys of the `.rego` files, for example `policies/`
   */
  public static fromBucket(bucket: IBucket, prefix: string, options: RegoOptions = {}): RegoSource {
    if (!/^[^/].*\/$/.test(prefix)) {
      throw new Error(
        `the prefix ${JSON.stringify(prefix)} is not a folder, allowed: one that ends with "/" and does not begin with it, for example "policies/"`,
      );
    }
    checkProperties('RegoOptions', options, REGO_OPTIONS);
    return new RegoSource({ bucket: bucket.bucketName, prefix, ...options }, { bucket, prefix });
  }

  private static compiled(
    files: readonly { readonly name: string; readonly source: string }[],
    options: RegoOptions,
  ): RegoSource {
    checkProperties('RegoOptions', options, REGO_OPTIONS);
    const { version, data = {} } = options;
    const size = files.reduce((sum, { source }) => sum + source.length, JSON.stringify(data).length);
    if (size > Limit.inlineRegoCharacters) {
      throw new Error(
        `the policy has ${size} characters, allowed: ${Limit.inlineRegoCharacters}; put the files into a bucket and use RegoSource.fromBucket()`,
      );
    }
    const program = RegoProgram.parse({
      data,
      modules: files.map(file => ({ ...file, ...(version !== undefined && { version }) })),
    });
    const problems = regoRuntime.checkOnly(program);
    if (problems.length > 0) {
      throw new Error(`the Rego policy is not valid:\n${problems.slice(0, 20).map(showProblem).join('\n')}`);
    }
    return new RegoSource(program, undefined);
  }

  private constructor(
    private readonly parameters: { readonly [name: string]: unknown },
    private readonly folder: RegoFolder | undefined,
  ) {}

  /** Its parameters in the policy document. @internal */
  public _parameters(): { readonly [name: string]: unknown } {
    return this.parameters;
  }

  /** @internal */
  public _folder(): RegoFolder | undefined {
    return this.folder;
  }
}

function regoFiles(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  return entries.flatMap(entry => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return regoFiles(path);
    return entry.name.endsWith('.rego') && !entry.name.endsWith('_test.rego') ? [path] : [];
  });
}
