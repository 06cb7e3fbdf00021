import { readFileSync } from 'fs';
import type { Duration } from 'aws-cdk-lib';
import { stringify } from 'yaml';
import type { Result } from '../core/result';
import { showProblem, type WaiverProblem } from '../core/text/problem';
import { joinWaivers, writeWaivers } from '../core/waivers/document';
import type { Life } from '../core/waivers/life';
import { fromOpenVex } from '../core/waivers/open-vex';
import { readWaivers } from '../core/waivers/read-waivers';
import { fromTrivyIgnore } from '../core/waivers/trivy-ignore';
import type { Waivers } from '../core/waivers/waiver';
import { textOf } from '../core/waivers/waiver-text';

const HEADER =
  '# Written by a deployment, and overwritten by the next one that changes it. Comments and formats of its sources are there.\n';
/** How many problems are shown at once. */
const PROBLEMS = 50;

/**
 * What an ignore file or a VEX document does not say of a waiver. What lacks without a default is an error
 * that names the line.
 */
export interface WaiverDefaults {
  /**
   * Who answers for the risk, 3 to 200 characters.
   *
   * @default - each entry must say it
   */
  readonly owner?: string;

  /**
   * The assessment of the risk, at least 20 characters.
   *
   * @default - each entry must say it
   */
  readonly reason?: string;

  /**
   * Where it is followed up.
   *
   * @default - none
   */
  readonly ticket?: string;

  /**
   * The last day on which it holds, as YYYY-MM-DD, in UTC.
   *
   * @default - each entry must say it
   */
  readonly expires?: string;

  /**
   * Names of repositories, with `*` within a segment and `**` for any.
   *
   * @default - each entry must say where it holds
   */
  readonly repositories?: string[];

  /**
   * Digests of images, `sha256:<64 hex>`.
   *
   * @default - each entry must say where it holds
   */
  readonly digests?: string[];
}

/**
 * What an OpenVEX document does not say.
 */
export interface VexDefaults extends WaiverDefaults {
  /**
   * Hosts of the registries whose images the document may speak of,
   * `<account>.dkr.ecr.<region>.amazonaws.com`. Compared as a whole.
   */
  readonly registries: string[];
}

type Read = (life: Life) => Result<Waivers, WaiverProblem[]>;

/**
 * The findings that somebody accepted: who, why, where, and until when. They never come from the scanned
 * image or its repository.
 *
 * They lie as `waivers.yaml` in a bucket, `trust.waivers.bucket`, so that nobody has to deploy a stack at
 * night: whoever may write that file decides what is let through. A register from files is put there by each
 * deployment that changes it.
 *
 * @see https://github.com/example/cdk-trusted-images/tree/main/docs/waivers.md
 */
export class WaiverSource {
  /** The file in the bucket is all there is; people edit it there. */
  public static inBucket(): WaiverSource {
    return new WaiverSource([]);
  }

  /**
   * `waivers.yaml`, checked when the app is synthesised. Throws with file, line and column for everything
   * that is wrong with it.
   *
   * @param path of the file
   */
  public static fromFile(path: string): WaiverSource {
    return WaiverSource.of(path, (text, file, life) => readWaivers(text, { file, ...life }));
  }

  /**
   * A `.trivyignore` or `.trivyignore.yaml`. Throws for everything that it does not say of a waiver, and that
   * has no default.
   *
   * @param path of the file
   * @param defaults what the file does not say
   */
  public static fromTrivyIgnore(path: string, defaults: WaiverDefaults = {}): WaiverSource {
    return WaiverSource.of(path, (text, file, life) => fromTrivyIgnore(text, file, { defaults, ...life }));
  }

  /**
   * An OpenVEX document: `not_affected` with a justification, and `fixed`; other statements are no waivers.
   *
   * @param path of the file
   * @param defaults what the document does not say
   */
  public static fromOpenVex(path: string, defaults: VexDefaults): WaiverSource {
    const { registries, ...rest } = defaults;
    return WaiverSource.of(path, (text, file, life) =>
      fromOpenVex(text, file, { registries, defaults: rest, ...life }),
    );
  }

  private static of(
    path: string,
    read: (text: string, file: string, life: Life) => ReturnType<Read>,
  ): WaiverSource {
    const bytes = readFileSync(path);
    return new WaiverSource([
      life => {
        const text = textOf({ size: bytes.length, bytes }, path);
        return text.ok ? read(text.value, path, life) : text;
      },
    ]);
  }

  private constructor(private readonly sources: readonly Read[]) {}

  /** These and those. What both cover is waived by the one that ends last. */
  public with(other: WaiverSource): WaiverSource {
    return new WaiverSource([...this.sources, ...other.sources]);
  }

  /** The text that is put into the bucket, or undefined where people write it. @internal */
  public _render(maxLife: Duration): string | undefined {
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
    // people read it there, and fix it at night
    return HEADER + stringify(JSON.parse(writeWaivers(waivers)), { lineWidth: 0 });
  }
}
