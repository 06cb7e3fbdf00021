import { readFileSync } from 'fs';
import { Duration } from 'aws-cdk-lib';
import { fileReaders } from './file-readers';
import { atPath } from './named-path';
import type { Result } from '../core/result';
import { showProblem, type WaiverProblem } from '../core/text/problem';
import { joinWaivers, writeWaivers } from '../core/waivers/document';
import type { Life } from '../core/waivers/life';
import type { Waivers } from '../core/waivers/waiver';
import { textOf } from '../core/waivers/waiver-text';
import { checkProperties, optional, required, TEXT, type Properties } from '../properties/properties';

const HEADER =
  '# Written by a deployment, and overwritten by the next one that changes it. Edit the sources in the app instead.\n';
/** How many problems are shown at once. */
const PROBLEMS = 50;

/**
 * Values of a waiver that an ignore file or a VEX document lacks. A value that is missing without a default
 * is an error that names the line.
 */
export interface WaiverDefaults {
  /**
   * Who answers for the risk, 3 to 200 characters.
   *
   * @default - each entry must have it
   */
  readonly owner?: string;

  /**
   * The assessment of the risk, 20 to 2000 characters.
   *
   * @default - each entry must have it
   */
  readonly reason?: string;

  /**
   * The ticket that follows the risk up, up to 300 characters.
   *
   * @default - none
   */
  readonly ticket?: string;

  /**
   * The last day on which it holds, as YYYY-MM-DD, in UTC.
   *
   * @default - each entry must have it
   */
  readonly expires?: string;

  /**
   * 1 to 200 names of repositories. `*` stands for any characters within a segment, `**` for any characters.
   *
   * @default - each entry must say where it holds
   */
  readonly repositories?: string[];

  /**
   * 1 to 200 digests of images, `sha256:<64 hex>`.
   *
   * @default - each entry must say where it holds
   */
  readonly digests?: string[];
}

const WAIVER_DEFAULTS: Properties<WaiverDefaults> = {
  owner: optional(),
  reason: optional(),
  ticket: optional(),
  expires: optional(),
  repositories: optional([TEXT], 'a list of names of repositories'),
  digests: optional([TEXT], 'a list of digests, sha256:<64 hex>'),
};

/**
 * Values that an OpenVEX document lacks.
 */
export interface VexDefaults extends WaiverDefaults {
  /**
   * Hosts of the registries whose images the document may name, `<account>.dkr.ecr.<region>.amazonaws.com`.
   * Compared as a whole.
   */
  readonly registries: string[];
}

const VEX_DEFAULTS: Properties<VexDefaults> = {
  ...WAIVER_DEFAULTS,
  registries: required([TEXT], 'a list of registries'),
};

type Read = (life: Life) => Result<Waivers, WaiverProblem[]>;

/**
 * Where waivers come from. A waiver is a finding whose risk was accepted: by whom, why, where, and until
 * when. Waivers never come from the scanned image or its repository.
 *
 * They are in the file `waivers.yaml` in a bucket, `trust.waivers.bucket`, so that a waiver at night needs no
 * deployment. Whoever may write that file decides which findings are waived. Waivers from files in the app
 * are written there by each deployment that changes them.
 *
 * @see https://github.com/example/cdk-trusted-images/tree/main/docs/waivers.md
 */
export class WaiverSource {
  /** Only the file in the bucket, which people edit there. */
  public static inBucket(): WaiverSource {
    return new WaiverSource([]);
  }

  /**
   * `waivers.yaml`, at most 1 MiB and 5,000 waivers, checked when the app is synthesised. The app fails with
   * file, line and column of every problem.
   *
   * @param path the path of the file
   */
  public static fromFile(path: string): WaiverSource {
    return WaiverSource.of(path, (text, file, life) =>
      fileReaders.waivers().readWaivers(text, { file, ...life }),
    );
  }

  /**
   * A `.trivyignore` or `.trivyignore.yaml`. The app fails for each value of a waiver that the file lacks and
   * that has no default.
   *
   * @param path the path of the file
   * @param defaults values that the file lacks
   */
  public static fromTrivyIgnore(path: string, defaults: WaiverDefaults = {}): WaiverSource {
    checkProperties('WaiverDefaults', defaults, WAIVER_DEFAULTS);
    return WaiverSource.of(path, (text, file, life) =>
      fileReaders.trivyIgnore().fromTrivyIgnore(text, file, { defaults, ...life }),
    );
  }

  /**
   * An OpenVEX document: its statements `not_affected` with a justification, and `fixed`. Other statements
   * are not waivers.
   *
   * @param path the path of the file
   * @param defaults values that the document lacks
   */
  public static fromOpenVex(path: string, defaults: VexDefaults): WaiverSource {
    checkProperties('VexDefaults', defaults, VEX_DEFAULTS);
    const { registries, ...rest } = defaults;
    return WaiverSource.of(path, (text, file, life) =>
      fileReaders.openVex().fromOpenVex(text, file, { registries, defaults: rest, ...life }),
    );
  }

  private static of(
    path: string,
    read: (text: string, file: string, life: Life) => ReturnType<Read>,
  ): WaiverSource {
    const bytes = atPath('file', path, each => readFileSync(each));
    return new WaiverSource([
      life => {
        const text = textOf({ size: bytes.length, bytes }, path);
        return text.ok ? read(text.value, path, life) : text;
      },
    ]);
  }

  private constructor(private readonly sources: readonly Read[]) {}

  /** These waivers and others. Of waivers that cover the same, the one that ends last counts. */
  public plus(other: WaiverSource): WaiverSource {
    return new WaiverSource([...this.sources, ...other.sources]);
  }

  /**
   * The waivers of its files and the text that a deployment writes into the bucket, or undefined where people
   * write it. Throws if a file is not valid.
   *
   * @internal
   */
  public _read(maxLife: Duration): { readonly waivers: Waivers; readonly text: string } | undefined {
    if (this.sources.length === 0) return undefined;
    const read = this.sources.map(source => source({ maxLifeDays: maxLife.toDays(), now: new Date() }));
    const problems = read.flatMap(each => (each.ok ? [] : each.error));
    if (problems.length > 0) {
      const more = problems.length > PROBLEMS ? [`and ${problems.length - PROBLEMS} more`] : [];
      throw new Error(
        `the waivers are not valid:\n${[...problems.slice(0, PROBLEMS).map(showProblem), ...more].join('\n')}`,
      );
    }
    const waivers = joinWaivers(read.flatMap(each => (each.ok ? [each.value] : [])));
    // YAML, since people read it there and edit it in an emergency
    const text = HEADER + fileReaders.yaml().yamlText([JSON.parse(writeWaivers(waivers)) as object]);
    return { waivers, text };
  }
}
