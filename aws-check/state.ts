import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { SUITES, type SuiteName } from './suites';

const SuiteOutcome = z.object({
  passed: z.number(),
  failed: z.array(z.object({ test: z.string(), says: z.string() })),
  /** Reasons, and how many tests each of them skips. */
  skipped: z.record(z.string(), z.number()),
  seconds: z.number(),
});
export type SuiteOutcome = z.infer<typeof SuiteOutcome>;

const PartOutcome = z.object({
  what: z.string(),
  outcome: z.enum(['held', 'did not hold', 'not checked']),
  why: z.string(),
  /** What the cloud answered, before redaction. */
  raw: z.unknown().optional(),
});
export type PartOutcome = z.infer<typeof PartOutcome>;

const SecondAppState = z.object({
  /** Why it was not deployed. */
  failed: z.string().optional(),
  /** The ARN of the key that is replaced. */
  formerKey: z.string().optional(),
});

/** A thing that a stack of the check made, or a call, by what CloudFormation calls it. */
const Made = z.object({ type: z.string(), id: z.string(), stack: z.string().optional() });
export type Made = z.infer<typeof Made>;

const State = z.object({
  version: z.literal(1),
  /** In names and tags of everything that the check makes. */
  id: z.string().regex(/^[a-z][a-z0-9]{7}$/),
  account: z.string(),
  region: z.string(),
  profile: z.string().optional(),
  endpoint: z.string().optional(),
  suites: z.array(z.enum(Object.keys(SUITES) as [SuiteName, ...SuiteName[]])),
  /** Left out if the second app was not chosen. */
  secondApp: SecondAppState.optional(),
  startedAt: z.string(),
  /** Steps that ended. */
  done: z.array(z.string()),
  pushed: z.record(z.string(), z.object({ digest: z.string(), seconds: z.number().optional() })),
  suiteOutcomes: z.partialRecord(z.string(), SuiteOutcome),
  /** By number. */
  checks: z.record(z.string(), z.array(PartOutcome)),
  made: z.array(Made),
  /** What could not be removed, and why. */
  left: z.array(z.string()),
});
export type State = z.infer<typeof State>;

const FILE = 'aws-check.state.json';

/**
 * What an interrupted check needs to go on. It has the number of the account: only its owner may read it, and
 * it is no file for a repository.
 */
export class StateFile {
  public static read(folder: string): StateFile | undefined {
    const path = join(folder, FILE);
    if (!existsSync(path)) return undefined;
    const read = State.safeParse(JSON.parse(readFileSync(path, 'utf8')));
    if (read.success) return new StateFile(path, read.data);
    throw new Error(`${path} is no state of this version of the check: ${z.prettifyError(read.error)}`);
  }

  public static create(folder: string, state: State): StateFile {
    const file = new StateFile(join(folder, FILE), state);
    file.update(state);
    return file;
  }

  private constructor(
    public readonly path: string,
    private current: State,
  ) {}

  public get state(): State {
    return this.current;
  }

  /** The check ended, and left nothing. */
  public remove(): void {
    rmSync(this.path);
  }

  /** All of it or nothing: a check can be ended at any time. */
  public update(changes: Partial<State>): void {
    this.current = { ...this.current, ...changes };
    const draft = `${this.path}.new`;
    writeFileSync(draft, `${JSON.stringify(this.current, undefined, 2)}\n`, { mode: 0o600 });
    renameSync(draft, this.path);
  }
}
